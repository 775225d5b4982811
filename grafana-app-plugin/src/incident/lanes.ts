import type { Anomaly, IncidentExport, TimelineEntry } from '@adf/contract'

interface Mark {
  readonly at: number
  readonly kind: TimelineEntry['kind']
  readonly text: string
}

/** One line of the timeline: what happened to one subject. Times are Unix milliseconds. */
export interface Lane {
  /** A service or entity; null: the incident itself. */
  readonly subject: string | null
  readonly marks: readonly Mark[]
  /** Stretches with anomalies. */
  readonly spans: readonly { readonly from: number; readonly to: number }[]
}

export interface Timeline {
  readonly from: number
  readonly to: number
  readonly lanes: readonly Lane[]
}

/** Anomalies closer than this are one stretch: windows follow each other by seconds. */
const JOINED_MS = 10_000
const LEAST_MS = 60_000
/** Room before the first and after the last event. */
const MARGIN = 0.05

const OWN: ReadonlySet<TimelineEntry['kind']> = new Set([
  'opened',
  'cause',
  'alert',
  'merged',
  'split',
  'verdict',
  'resolved',
])

/** Lays an incident out on one axis of time: first the incident itself, then each service, in the order in which its trouble began. */
export function timelineOf({ incident, timeline, anomalies }: IncidentExport, now: number): Timeline {
  const own: Mark[] = []
  const marks = new Map<string, Mark[]>()
  for (const { at, kind, subject, text } of timeline) {
    const mark = { at: Date.parse(at), kind, text }
    if (OWN.has(kind) || subject === null) own.push(mark)
    else marks.set(subject, [...(marks.get(subject) ?? []), mark])
  }
  const times = new Map<string, number[]>()
  for (const anomaly of anomalies) {
    const subject = subjectOf(anomaly)
    times.set(subject, [...(times.get(subject) ?? []), Date.parse(anomaly.time)])
  }
  const lanes = [...new Set([...marks.keys(), ...times.keys()])].map((subject) => ({
    subject,
    marks: marks.get(subject) ?? [],
    spans: stretches(times.get(subject) ?? []),
  }))
  const start = (lane: Lane) =>
    Math.min(...lane.marks.map(({ at }) => at), ...lane.spans.map(({ from }) => from))
  lanes.sort((a, b) => start(a) - start(b) || a.subject.localeCompare(b.subject))
  const all = [
    Date.parse(incident.started_at),
    incident.resolved_at === null
      ? Math.max(now, Date.parse(incident.updated_at))
      : Date.parse(incident.resolved_at),
    ...[{ subject: null, marks: own, spans: [] }, ...lanes].flatMap((lane: Lane) => [
      ...lane.marks.map(({ at }) => at),
      ...lane.spans.flatMap(({ from, to }) => [from, to]),
    ]),
  ]
  const [first, last] = [Math.min(...all), Math.max(...all)]
  const margin = Math.max(last - first, LEAST_MS) * MARGIN
  return {
    from: first - margin,
    to: Math.max(last, first + LEAST_MS) + margin,
    lanes: [{ subject: null, marks: own, spans: [] }, ...lanes],
  }
}

/** A line for each entity with anomalies, in the order in which its trouble began. */
export function anomalyLanes(anomalies: readonly Pick<Anomaly, 'entity' | 'time'>[]): readonly Lane[] {
  const of = Map.groupBy(anomalies, ({ entity }) => entity.id)
  const lanes = [...of].map(([subject, all]) => ({
    subject,
    marks: [],
    spans: stretches(all.map(({ time }) => Date.parse(time))),
  }))
  const start = ({ spans }: Lane) => spans[0]?.from ?? 0
  return lanes.sort((a, b) => start(a) - start(b) || a.subject.localeCompare(b.subject))
}

/** As the timeline's entries name it. */
function subjectOf({ entity }: Pick<Anomaly, 'entity'>): string {
  if (entity.kind === 'service' && entity.service !== undefined)
    return entity.namespace === undefined ? entity.service : `${entity.namespace}/${entity.service}`
  return entity.id
}

function stretches(times: readonly number[]): Lane['spans'] {
  const spans: { from: number; to: number }[] = []
  for (const time of times.toSorted((a, b) => a - b)) {
    const last = spans.at(-1)
    if (last !== undefined && time - last.to <= JOINED_MS) last.to = time
    else spans.push({ from: time, to: time })
  }
  return spans
}
