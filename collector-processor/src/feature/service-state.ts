import type { Entity } from '@adf/contract'
import { AT, SERVICE_FEATURES } from './builtin-streams.ts'
import { EntityWindow, type WindowOptions } from './entity-window.ts'
import type { StepPool } from './window-step.ts'

/** A window that was evaluated. Values in the order of the stream `service`. */
export interface Evaluated {
  readonly timeMs: number
  readonly arrivalMs: number
  readonly values: Float64Array
}

/** What is known of one service entity. */
export class ServiceState {
  readonly entity: Entity
  readonly window: EntityWindow
  /** Arrival of the last batch with any of its telemetry, and of the last with each signal that counts. 0 = never. */
  seenMs = 0
  spansMs = 0
  requestsMs = 0
  logsMs = 0
  /** Arrival of the last batch in which an event was out of the window. */
  missedMs = Number.NEGATIVE_INFINITY
  readonly #options: WindowOptions & { readonly staleMs: number }

  constructor(
    entity: Entity,
    options: WindowOptions & { readonly staleMs: number },
    pool: StepPool,
    nowMs: number,
  ) {
    this.entity = entity
    this.#options = options
    this.window = new EntityWindow(options, pool, nowMs)
  }

  /** The next window, when it is due and there is something to say about it. */
  evaluate(nowMs: number): Evaluated | undefined {
    const { window } = this
    const end = window.move(nowMs)
    if (end === undefined) return undefined
    const values = new Float64Array(SERVICE_FEATURES.length).fill(Number.NaN)
    const any = this.#requests(values, nowMs) || this.#logs(values, nowMs)
    return any ? { timeMs: Math.min(end, nowMs), arrivalMs: window.arrivalMs || nowMs, values } : undefined
  }

  #requests(values: Float64Array, nowMs: number): boolean {
    const { window } = this
    if (window.requests === 0 && !this.#silent(this.requestsMs, nowMs)) return false
    values[AT.request_rate] = (window.requests * 1000) / this.#widthMs
    if (window.requests > 0) {
      values[AT.error_rate] = window.failures / window.requests
      values[AT.latency_p50] = window.latency.quantile(0.5)
      values[AT.latency_p95] = window.latency.quantile(0.95)
      values[AT.latency_p99] = window.latency.quantile(0.99)
    }
    return true
  }

  #logs(values: Float64Array, nowMs: number): boolean {
    const { window } = this
    if (window.logs === 0 && !this.#silent(this.logsMs, nowMs)) return false
    values[AT.log_rate] = (window.logs * 1000) / this.#widthMs
    values[AT.log_error_rate] = (window.errorLogs * 1000) / this.#widthMs
    return true
  }

  get #widthMs(): number {
    return this.#options.steps * this.#options.stepMs
  }

  /** Nothing came although the signal is known and nothing was left out: a rate of 0, not a missing one. */
  #silent(signalMs: number, nowMs: number): boolean {
    if (signalMs === 0 || nowMs - signalMs > this.#options.staleMs) return false
    return nowMs - this.missedMs > this.#widthMs + this.#options.maxLatenessMs
  }
}
