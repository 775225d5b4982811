import { ProblemError } from '@adf/service'
import type { AlertStore, SilencedAlert } from '../store/store.ts'
import type { VerdictIntake } from './intake.ts'
import type { FeedbackMetrics } from './metrics.ts'
import { readSilence } from './silence.ts'

export interface SilencesOptions {
  readonly store: Pick<AlertStore, 'newlySilenced' | 'silencesRead'>
  readonly intake: Pick<VerdictIntake, 'give'>
  readonly metrics: FeedbackMetrics
}

const BATCH = 100

/** Makes implicit verdicts of silences on alerts, one for each pair; an author who has spoken plainly is not overruled. */
export class Silences {
  readonly #options: SilencesOptions

  constructor(options: SilencesOptions) {
    this.#options = options
  }

  async round(signal: AbortSignal): Promise<void> {
    const { store } = this.#options
    for (;;) {
      const pairs = await store.newlySilenced(BATCH)
      for (const pair of pairs) {
        signal.throwIfAborted()
        await this.#read(pair)
        await store.silencesRead([{ silenceId: pair.silence.id, alertId: pair.alertId }])
      }
      if (pairs.length < BATCH) return
    }
  }

  async #read(pair: SilencedAlert): Promise<void> {
    const { intake, metrics } = this.#options
    const { silence, alertId } = pair
    const reading = readSilence(pair)
    if (reading === 'noise') {
      const author = silence.createdBy === '' ? {} : { author: silence.createdBy.slice(0, 256) }
      const note = silence.comment === '' ? {} : { note: silence.comment.slice(0, 4096) }
      try {
        await intake.give(
          { alert_id: alertId, verdict: 'false_positive', ...author, ...note },
          { channel: 'silence' },
        )
      } catch (error) {
        // Too old, or gone by now; a store that cannot be written leaves the silence for the next round.
        if (!(error instanceof ProblemError)) throw error
      }
    }
    metrics.silences.inc({ outcome: reading })
  }
}
