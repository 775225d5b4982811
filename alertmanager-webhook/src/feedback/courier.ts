import type { VerdictRequest } from '@adf/contract'
import type { Feedback } from '@adf/contract/feedback'
import type { Logger } from '@adf/service'
import type { z } from 'zod'
import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'
import type { FeedbackStore, Undelivered } from '../store/feedback-store.ts'
import type { FeedbackMetrics } from './metrics.ts'

export interface CourierOptions {
  readonly processors: readonly Processor[]
  readonly store: Pick<FeedbackStore, 'undelivered' | 'delivered' | 'postponed' | 'undeliverable'>
  readonly clock: () => number
  /** From 0 to 1. */
  readonly rng: () => number
  readonly metrics: FeedbackMetrics
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** What a processor calls whoever is not known here, so that its log can be told apart from words of its own. */
export const UNKNOWN_AUTHOR = 'alertmanager-webhook'

const BATCH = 100
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

type Outcome = 'delivered' | 'postponed' | 'given_up'

/**
 * Brings words to the processor that knows what they are about, in the order in which they were said of each thing, until it has them. A
 * word that every processor refuses for good is given up: it stays here, undelivered.
 */
export class Courier {
  readonly #options: CourierOptions

  constructor(options: CourierOptions) {
    this.#options = options
  }

  /** One round over all that is due. Rejects only with what the store or the signal throws. */
  async round(signal: AbortSignal): Promise<void> {
    const { store, clock, metrics } = this.#options
    for (;;) {
      const due = await store.undelivered(clock(), BATCH)
      /** What is said later of the same thing waits for what was said before. */
      const waiting = new Set<string>()
      for (const word of due) {
        signal.throwIfAborted()
        const about = targetOf(word.feedback)
        const outcome = waiting.has(about)
          ? await this.#postpone(word, 'an earlier word waits')
          : await this.#bring(word, signal)
        if (outcome === 'postponed') waiting.add(about)
        metrics.deliveries.inc({ outcome })
      }
      if (due.length < BATCH) return
    }
  }

  async #bring(word: Undelivered, signal: AbortSignal): Promise<Outcome> {
    const { processors, store, log } = this.#options
    const { feedback, processor: home } = word
    // One that is no longer configured is not waited for: the others are asked.
    const known = processors.filter(({ url }) => url === home)
    const refusals: ProcessorError[] = []
    for (const processor of known.length > 0 ? known : processors) {
      try {
        const id = await tell(processor, word, signal)
        await store.delivered(feedback.id, processor.url, id)
        return 'delivered'
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof ProcessorError)) throw error
        refusals.push(error)
      }
    }
    const passing = refusals.find(({ retryable }) => retryable)
    if (passing !== undefined || refusals.length === 0)
      return this.#postpone(word, passing?.message ?? 'no processor is configured')
    const reason = refusals.map(({ message }) => message).join('; ')
    log.warn({ feedback: feedback.id, reason }, 'no processor takes this verdict; it stays here')
    await store.undeliverable(feedback.id)
    return 'given_up'
  }

  async #postpone({ feedback, attempts }: Undelivered, reason: string): Promise<Outcome> {
    const { store, clock, rng, log } = this.#options
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 10))
    await store.postponed(feedback.id, clock() + Math.round(pauseMs * (0.5 + rng() / 2)))
    if (attempts === 0) log.info({ feedback: feedback.id, reason }, 'a verdict waits for its processor')
    return 'postponed'
  }
}

/** @returns the id of the verdict at the processor */
async function tell(processor: Processor, word: Undelivered, signal: AbortSignal): Promise<string> {
  const { feedback, processorVerdictId } = word
  if (feedback.withdrawn_at === null) return (await processor.giveVerdict(requestOf(feedback), signal)).id
  const id = processorVerdictId ?? feedback.id
  await processor.withdrawVerdict(id, signal).catch((error: unknown) => {
    // Gone already is as good.
    if (!(error instanceof ProcessorError && error.status === 404)) throw error
  })
  return id
}

function requestOf({
  anomaly_id,
  incident_id,
  verdict,
  cause,
  note,
  author,
}: Feedback): z.input<typeof VerdictRequest> {
  return {
    ...(incident_id === null ? { anomaly_id: anomaly_id ?? '' } : { incident_id }),
    verdict,
    ...(cause !== null && { cause }),
    ...(note !== null && { note }),
    author: author ?? UNKNOWN_AUTHOR,
  }
}

const targetOf = ({ incident_id, anomaly_id, alert_id }: Feedback): string =>
  incident_id ?? anomaly_id ?? alert_id ?? ''
