import { type Incident, type IncidentExport, routes } from '@adf/contract'
import type { DataFrame } from '@grafana/data'
import { ask } from '../data/ask.ts'
import type { Send } from '../data/send.ts'
import { anomalyAnnotations, anomalyFrame } from './frames/anomalies.ts'
import { withNotice } from './frames/answer.ts'
import { causeFrames, timelineFrame } from './frames/causes.ts'
import { changeFrame } from './frames/changes.ts'
import { entityFrame, thresholdFrame } from './frames/entities.ts'
import { graphFrames } from './frames/graph.ts'
import { incidentAnnotations, incidentFrame } from './frames/incidents.ts'
import { numberFrame } from './frames/numbers.ts'
import { objectiveFrame } from './frames/objectives.ts'
import { scoreFrame, type ThresholdCourse } from './frames/scores.ts'
import { readPages } from './pages.ts'
import { DEFAULT_LIMIT, MAX_LIMIT, type Question, type Span } from './query.ts'

interface Asking {
  readonly send: Send
  readonly span: Span
  /** Unix milliseconds. */
  readonly now: number
  readonly signal?: AbortSignal | undefined
}

/** More entities than a table can show, few enough to hold. */
const MAX_ENTITIES = 10_000
/** A range that ends so lately ends now. */
const NOW_MS = 90_000
/** `GET /api/scores` gives eight days at once. */
const SCORES_MS = 8 * 86_400_000 - 60_000

/** Asks the processor and gives what it says as frames. Rejects with an AskError, or with an Error that says which field is missing. */
export async function answer(question: Question, asking: Asking): Promise<DataFrame[]> {
  const { send, signal } = asking
  switch (question.kind) {
    case 'incidents':
      return [await incidents(question, asking)]
    case 'causes':
      return (await incidentOf(question, asking)).flatMap(causeFrames)
    case 'timeline':
      return (await incidentOf(question, asking)).map(timelineFrame)
    case 'anomalies':
      return [await anomalies(question, asking)]
    case 'scores':
      return [await scores(question, asking)]
    case 'thresholds':
      return [await thresholds(question, asking)]
    case 'entities': {
      const { items, notice } = await entitiesOf(question, asking)
      return [withNotice(entityFrame(items, question.stream), notice)]
    }
    case 'graph':
      return graphFrames(await graphOf(asking), question.service)
    case 'changes':
      return [
        changeFrame(await graphOf(asking), asking.span, question.service, question.annotations === true),
      ]
    case 'objectives':
      return [objectiveFrame(await ask(send, routes.getSlo, { signal }), question.service)]
    case 'numbers':
      return [numberFrame(await ask(send, routes.getStats, { signal }))]
  }
}

const instant = (ms: number) => new Date(ms).toISOString()
const limitOf = ({ limit = DEFAULT_LIMIT }: Question) =>
  Math.min(MAX_LIMIT, Math.max(1, Math.floor(limit) || DEFAULT_LIMIT))

const cut = (more: boolean, limit: number, what: string) =>
  more ? `only the newest ${limit} ${what} of this time are shown` : undefined

async function incidents(question: Question, { send, span, now, signal }: Asking): Promise<DataFrame> {
  const limit = limitOf(question)
  const { items, more } = await readPages(limit, (page) =>
    ask(send, routes.listIncidents, {
      query: {
        state: question.state,
        service: question.service,
        from: instant(span.from),
        to: instant(span.to),
        ...page,
      },
      signal,
    }),
  )
  const frame = question.annotations === true ? incidentAnnotations(items, now) : incidentFrame(items)
  return withNotice(frame, cut(more, limit, 'incidents'))
}

async function anomalies(question: Question, { send, span, signal }: Asking): Promise<DataFrame> {
  const limit = limitOf(question)
  const { items, more } = await readPages(limit, (page) =>
    ask(send, routes.listAnomalies, {
      query: {
        stream: question.stream,
        entity: question.entity,
        incident: question.incident,
        min_score: question.minScore,
        from: instant(span.from),
        to: instant(span.to),
        ...page,
      },
      signal,
    }),
  )
  const frame = question.annotations === true ? anomalyAnnotations(items) : anomalyFrame(items)
  return withNotice(frame, cut(more, limit, 'anomalies'))
}

/** The incident that is asked for; without an id the newest of the time, an open one first. Empty when there is none. */
async function incidentOf(question: Question, { send, span, signal }: Asking): Promise<IncidentExport[]> {
  const { incident = '' } = question
  const id = incident === '' ? await newest() : incident
  return id === undefined ? [] : [await ask(send, routes.exportIncident, { params: { id }, signal })]

  async function newest(): Promise<string | undefined> {
    const first = async (state?: Incident['state']) => {
      const query = { state, from: instant(span.from), to: instant(span.to), limit: 1 }
      return (await ask(send, routes.listIncidents, { query, signal })).items[0]?.id
    }
    return (await first('open')) ?? (await first('resolved'))
  }
}

async function graphOf({ send, span, now, signal }: Asking) {
  const at = span.to < now - NOW_MS ? instant(span.to) : undefined
  return ask(send, routes.getGraph, { query: { at }, signal })
}

async function entitiesOf({ stream, service }: Question, { send, signal }: Asking) {
  const { items, more } = await readPages(MAX_ENTITIES, (page) =>
    ask(send, routes.listEntities, { query: { stream, service, ...page }, signal }),
  )
  return { items, notice: more ? `only the first ${MAX_ENTITIES} entities are shown` : undefined }
}

async function thresholds(question: Question, asking: Asking): Promise<DataFrame> {
  const { send, signal } = asking
  const [{ items, notice }, set] = await Promise.all([
    entitiesOf(question, asking),
    readPages(MAX_ENTITIES, (page) =>
      ask(send, routes.listThresholds, { query: { stream: question.stream, ...page }, signal }),
    ),
  ])
  return withNotice(thresholdFrame(items, set.items, question.stream), notice)
}

async function scores({ stream = '', entity = '' }: Question, asking: Asking): Promise<DataFrame> {
  if (stream === '' || entity === '') throw new Error('scores are of one entity: give its stream and its id')
  const { send, span, signal } = asking
  const from = Math.max(span.from, span.to - SCORES_MS)
  const query = { stream, entity, from: instant(from), to: instant(span.to) }
  const [history, course] = await Promise.all([
    ask(send, routes.getScores, { query, signal }),
    courseOf({ stream, entity }, asking),
  ])
  return withNotice(
    scoreFrame(history, course),
    from > span.from ? 'scores are shown of the last eight days of the time range' : undefined,
  )
}

/** Threshold changes of one entity that are drawn; what came before the oldest of them held until then. */
const MAX_CHANGES = 500

async function courseOf(of: { stream: string; entity: string }, asking: Asking): Promise<ThresholdCourse> {
  const { send, signal } = asking
  const [{ initial }, changes] = await Promise.all([
    ask(send, routes.listThresholds, { query: { ...of, limit: 1 }, signal }),
    ask(send, routes.listThresholdHistory, { query: { ...of, limit: MAX_CHANGES }, signal }),
  ])
  if (initial !== null) return { initial, changes: changes.items }
  // Where each entity has its own, by its budget of alerts.
  const { items } = await entitiesOf({ kind: 'entities', stream: of.stream }, asking)
  const own = items
    .find(({ entity }) => entity.id === of.entity)
    ?.streams.find(({ stream }) => stream === of.stream)
  return { initial: own?.initial_threshold ?? null, changes: changes.items }
}
