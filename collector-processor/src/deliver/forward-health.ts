import type { Logger } from '@adf/service'
import type { Clock } from '../telemetry/clock.ts'
import type { Signal } from '../telemetry/signal.ts'
import type { PartialSuccess } from './forward-partial-success.ts'
import type { Outcome } from './forward-queue.ts'
import { SendError } from './forward-sender.ts'
import { RareLine } from './rare-line.ts'

/** So long the status tells what an endpoint left out, though it takes other requests whole. */
const PARTIAL_SHOWN_MS = 60_000

/** How an endpoint is doing; times by the clock, in milliseconds. */
export interface ForwardStatus {
  readonly name: string
  readonly reachable: boolean | undefined
  readonly lastSuccessMs: number | undefined
  readonly lastError: string | undefined
}

/** Keeps the status of one endpoint from the outcome of each attempt, and logs what went wrong, now and then. */
export class ForwardHealth {
  readonly #name: string
  readonly #clock: Clock
  readonly #log: Logger
  readonly #failureLine: RareLine
  readonly #partialLine: RareLine
  #failureLogged = false
  #reachable: boolean | undefined
  #lastSuccessMs: number | undefined
  #failure: string | undefined
  #partial: { readonly text: string; readonly atMs: number } | undefined

  constructor(name: string, { clock, log }: { clock: Clock; log: Logger }) {
    this.#name = name
    this.#clock = clock
    this.#log = log
    this.#failureLine = new RareLine(clock)
    this.#partialLine = new RareLine(clock)
  }

  tell(outcome: Outcome, signal: Signal): void {
    if (outcome instanceof SendError) this.#failed(outcome.message)
    else this.#taken(outcome, signal)
  }

  status(): ForwardStatus {
    const partial = this.#partial
    const shown = partial !== undefined && Math.abs(this.#clock() - partial.atMs) < PARTIAL_SHOWN_MS
    return {
      name: this.#name,
      reachable: this.#reachable,
      lastSuccessMs: this.#lastSuccessMs,
      lastError: this.#failure ?? (shown ? partial.text : undefined),
    }
  }

  #failed(reason: string): void {
    this.#reachable = false
    this.#failure = reason
    const failures = this.#failureLine.due()
    if (failures === 0) return
    this.#failureLogged = true
    this.#log.warn({ endpoint: this.#name, reason, failures }, 'forwarding fails; see adf_forward_* metrics')
  }

  #taken(partial: PartialSuccess | undefined, signal: Signal): void {
    if (this.#failureLogged) this.#log.info({ endpoint: this.#name }, 'forwarding works again')
    this.#failureLogged = false
    this.#reachable = true
    this.#failure = undefined
    this.#lastSuccessMs = this.#clock()
    if (partial === undefined) return
    const { rejected, message } = partial
    this.#partial = {
      text: `left out ${rejected} records of a request (${signal}): ${message}`,
      atMs: this.#clock(),
    }
    const requests = this.#partialLine.due()
    if (requests === 0) return
    this.#log.warn(
      { endpoint: this.#name, signal, rejected, reason: message, requests },
      'forwarded in part; see adf_forward_rejected_records_total',
    )
  }
}
