import type { VerdictEntry } from '@adf/contract'
import type { Logger } from '@adf/service'
import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'
import type { FeedbackStore, FollowedVerdict } from '../store/feedback-store.ts'
import { UNKNOWN_AUTHOR } from './courier.ts'
import type { FeedbackMetrics } from './metrics.ts'
import { reliability, wordWeight } from './weight.ts'

export interface FollowerOptions {
  readonly processors: readonly Processor[]
  readonly store: Pick<FeedbackStore, 'cursor' | 'follow' | 'contradictions' | 'countBy'>
  readonly clock: () => number
  readonly newId: () => string
  readonly metrics: FeedbackMetrics
  readonly log: Pick<Logger, 'warn' | 'info'>
  /** Called when there was something new. */
  readonly learned: () => void
}

const PAGE = 500
const DAY_MS = 86_400_000
const MEMORY_MS = 90 * DAY_MS

/**
 * Reads the logs of verdicts of all processors, each from where it was left. Entries and cursor are stored together: an entry has its
 * effect once, however often it is read.
 */
export class Follower {
  readonly #options: FollowerOptions
  /** Processors that did not answer last time, so that an outage is told once. */
  readonly #away = new Set<string>()

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  async round(signal: AbortSignal): Promise<void> {
    for (const processor of this.#options.processors) {
      try {
        await this.#follow(processor, signal)
        if (this.#away.delete(processor.url))
          this.#options.log.info({ processor: processor.url }, 'the processor answers again')
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof ProcessorError)) throw error
        this.#options.metrics.failures.inc({ work: 'follow' })
        if (!this.#away.has(processor.url))
          this.#options.log.warn(
            { processor: processor.url, err: error },
            'verdicts of this processor are not read for now',
          )
        this.#away.add(processor.url)
      }
    }
  }

  async #follow(processor: Processor, signal: AbortSignal): Promise<void> {
    const { store, metrics, log, learned } = this.#options
    let after = await store.cursor(processor.url)
    for (;;) {
      const { items, latest } = await processor.verdicts({ after, limit: PAGE }, signal)
      if (latest < after) {
        // Its database was replaced by another, or by an older one: read anew, what is known has no effect again.
        log.warn(
          { processor: processor.url, after, latest },
          'the log of verdicts is shorter than before; it is read from its begin',
        )
        await store.follow(processor.url, 0, [])
        after = 0
        if (latest === 0) return
        continue
      }
      const last = items.at(-1)
      if (last === undefined) return
      const entries: FollowedVerdict[] = []
      for (const item of items) entries.push(await this.#entry(processor, item))
      await store.follow(processor.url, last.cursor, entries)
      metrics.followed.inc(items.length)
      learned()
      after = last.cursor
    }
  }

  async #entry({ url }: Processor, { verdict, withdrawn, episodes }: VerdictEntry): Promise<FollowedVerdict> {
    const { store, clock, newId } = this.#options
    const author = verdict.author === UNKNOWN_AUTHOR ? undefined : (verdict.author ?? undefined)
    const said = await store.countBy(author, clock() - DAY_MS)
    const { words, against } =
      author === undefined
        ? { words: 0, against: 0 }
        : await store.contradictions(author, clock() - MEMORY_MS)
    return {
      word: {
        id: newId(),
        anomalyId: verdict.anomaly_id ?? undefined,
        incidentId: verdict.incident_id ?? undefined,
        verdict: verdict.verdict,
        cause: verdict.cause ?? undefined,
        note: verdict.note ?? undefined,
        author,
        channel: 'processor',
        weight:
          wordWeight('processor', said + 1) * reliability({ agrees: words - against, disagrees: against }),
        givenMs: Date.parse(verdict.time),
        deliver: false,
        processor: url,
        processorVerdictId: verdict.id,
      },
      withdrawn,
      episodes: episodes.map(({ stream, entity_id, from, to, severity, threshold }) => ({
        stream,
        entityId: entity_id,
        fromMs: Date.parse(from),
        toMs: Date.parse(to),
        severity,
        threshold,
      })),
    }
  }
}
