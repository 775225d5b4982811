import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'
import type { QuestionStore } from '../store/feedback-store.ts'
import { episodesOf } from '../tuner/episode.ts'
import { type Place, placeKey, rosterOf } from './roster.ts'
import { isSampled, questionOf, quietEpisodes } from './sampling.ts'
import { fetchPeaks } from './score-cache.ts'

export interface QuestionsOptions {
  readonly processors: readonly Processor[]
  readonly store: Pick<QuestionStore, 'ask'>
  /** Of episodes under the threshold that are asked about; 0: none. */
  readonly share: number
  readonly mostOpen: number
  readonly expiresAfterMs: number
  /** Entities looked at in one round; the others come in the next ones. */
  readonly entitiesAtOnce: number
  readonly clock: () => number
  readonly newId: () => string
  readonly counted: (outcome: 'asked' | 'full_or_known', count: number) => void
}

const MINUTE_MS = 60_000
const DAY_MINUTES = 1440
const MOST_ENTITIES = 10_000

/**
 * Asks about a random share of what stayed under its threshold, each with the probability with which it was chosen: verdicts on alerts
 * alone cannot tell what is missed. Looks at a number of entities at a time, over their last day, in turn.
 */
export class Questions {
  readonly #options: QuestionsOptions
  /** The entity that was looked at last. */
  #after = ''

  constructor(options: QuestionsOptions) {
    this.#options = options
  }

  async round(signal: AbortSignal): Promise<void> {
    const { processors, share, entitiesAtOnce, clock } = this.#options
    if (share === 0) return
    const nowMinute = Math.floor(clock() / MINUTE_MS)
    const places: [string, Place, number][] = []
    for (const processor of processors) {
      const thresholds = await this.#thresholds(processor, signal)
      for (const [key, place] of await rosterOf(processor, MOST_ENTITIES, signal))
        places.push([key, place, thresholds.get(key) ?? place.initial])
    }
    places.sort(([a], [b]) => (a < b ? -1 : 1))
    const rest = places.filter(([key]) => key > this.#after)
    for (const [key, place, threshold] of (rest.length > 0 ? rest : places).slice(0, entitiesAtOnce)) {
      await this.#look(place, threshold, nowMinute, signal)
      this.#after = key
    }
  }

  async #thresholds(processor: Processor, signal: AbortSignal): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    let cursor: string | undefined
    do {
      const page = await processor.thresholds({ limit: 500, cursor }, signal)
      for (const { stream, entity_id, value } of page.items) found.set(placeKey(stream, entity_id), value)
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
    return found
  }

  async #look(place: Place, threshold: number, nowMinute: number, signal: AbortSignal): Promise<void> {
    const { store, share, mostOpen, expiresAfterMs, clock, newId, counted } = this.#options
    const fromMinute = nowMinute - DAY_MINUTES
    const peaks = await fetchPeaks(place.processor, place, fromMinute, nowMinute, signal).catch(
      (error: unknown) => {
        if (error instanceof ProcessorError && error.status === 404) return []
        throw error
      },
    )
    for (const episode of quietEpisodes(episodesOf(peaks), {
      threshold,
      fromMinute: fromMinute + 10,
      nowMinute,
    })) {
      if (
        !isSampled('adf-question', placeKey(place.stream, `${place.entityId}\n${episode.startMinute}`), share)
      )
        continue
      const nowMs = clock()
      const question = questionOf(place, episode, { id: newId(), share, nowMs })
      const asked = await store.ask(question, nowMs + expiresAfterMs, mostOpen)
      counted(asked ? 'asked' : 'full_or_known', 1)
    }
  }
}
