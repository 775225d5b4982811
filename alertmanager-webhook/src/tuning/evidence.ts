import type { MissedIncident } from '@adf/contract/feedback'
import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'
import type { FeedbackStore, MissedStore, QuestionStore } from '../store/feedback-store.ts'
import type { Peak } from '../tuner/episode.ts'
import type { History } from '../tuner/history.ts'
import { TunerError } from '../tuner/tuner-error.ts'
import { historyFrom, NOTHING_SAID, type Said } from './histories.ts'
import { type Place, placeKey } from './roster.ts'
import type { ScoreCache } from './score-cache.ts'

/** One entity, and everything that is known of it. */
export interface Known {
  readonly place: Place
  readonly history: History
  readonly said: Said
  /** Severities that came since the last look, ascending. */
  readonly fresh: readonly Peak[]
}

export interface EvidenceOptions {
  readonly store: {
    readonly feedback: Pick<FeedbackStore, 'episodes'>
    readonly questions: Pick<QuestionStore, 'answered'>
    readonly missed: Pick<MissedStore, 'between'>
  }
  readonly scores: ScoreCache
  /** Verdicts that are older say nothing any more. */
  readonly memoryMs: number
  readonly mostEntities: number
  readonly left: (reason: 'too_many' | 'unreachable' | 'refused', count: number) => void
}

const MOST_SAID = 20_000
/** Requests for scores at once. */
const AT_ONCE = 4

/** Everything that was said, by `placeKey`. */
export async function saidOf(
  { store, memoryMs }: Pick<EvidenceOptions, 'store' | 'memoryMs'>,
  nowMs: number,
): Promise<Map<string, Said>> {
  const sinceMs = nowMs - memoryMs
  const said = new Map<
    string,
    { judged: Said['judged'][number][]; answered: Said['answered'][number][]; missed: MissedIncident[] }
  >()
  const of = (stream: string, entityId: string) => {
    const key = placeKey(stream, entityId)
    const known = said.get(key) ?? { judged: [], answered: [], missed: [] }
    said.set(key, known)
    return known
  }
  for (const one of await store.feedback.episodes({ sinceMs, limit: MOST_SAID }))
    of(one.stream, one.entityId).judged.push(one)
  for (const one of await store.questions.answered(sinceMs, nowMs, MOST_SAID))
    of(one.question.stream, one.question.entity_id).answered.push(one)
  for (const one of await store.missed.between(sinceMs, nowMs, MOST_SAID))
    for (const { stream, entity_id } of one.entities) of(stream, entity_id).missed.push(one)
  return said
}

/**
 * Gathers what is known of the entities whose thresholds may move: those of which somebody spoke, and the others of their streams, which
 * learn from them.
 */
export async function gather(
  options: EvidenceOptions,
  roster: ReadonlyMap<string, Place>,
  nowMs: number,
  signal?: AbortSignal,
): Promise<Known[]> {
  const { scores, mostEntities, left } = options
  const said = await saidOf(options, nowMs)
  const streams = new Set([...said.keys()].map((key) => key.slice(0, key.indexOf('\n'))))
  const concerned = [...roster]
    .filter(([, { stream }]) => streams.has(stream))
    .sort(([a], [b]) => Number(said.has(b)) - Number(said.has(a)) || (a < b ? -1 : 1))
  if (concerned.length > mostEntities) left('too_many', concerned.length - mostEntities)
  const taken = concerned.slice(0, mostEntities)
  const known: Known[] = []
  /** One that does not answer is not asked for each of its entities. */
  const away = new Set<Processor>()
  const one = async ([key, place]: [string, Place]): Promise<void> => {
    if (away.has(place.processor)) return left('unreachable', 1)
    try {
      const read = await scores.read(place.processor, place, nowMs, signal)
      const about = said.get(key) ?? NOTHING_SAID
      known.push({ place, said: about, fresh: read.fresh, history: historyFrom(place, read, about) })
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof TunerError) return left('refused', 1)
      if (!(error instanceof ProcessorError)) throw error
      left('unreachable', 1)
      if (error.retryable) away.add(place.processor)
    }
  }
  for (let at = 0; at < taken.length; at += AT_ONCE) await Promise.all(taken.slice(at, at + AT_ONCE).map(one))
  return known.sort((a, b) =>
    placeKey(a.place.stream, a.place.entityId) < placeKey(b.place.stream, b.place.entityId) ? -1 : 1,
  )
}
