import type { Entity } from '@adf/contract'
import { SERVICE_FEATURES } from '@adf/contract'
import { AT } from './builtin-streams.ts'
import { EntityWindow, type WindowOptions } from './entity-window.ts'
import { LogNovelty, type TemplateNames } from './log-novelty.ts'
import type { Collection, SeriesBudget } from './metric/metric-source.ts'
import { MetricState } from './metric/metric-state.ts'
import { SpanCoverage } from './span-coverage.ts'
import { type Evaluated, VectorQueue } from './vector-queue.ts'
import type { StepPool } from './window-step.ts'

export interface ServiceOptions {
  readonly window: WindowOptions
  readonly staleMs: number
  readonly intervalMs: number
  readonly pool: StepPool
  readonly budget: SeriesBudget
  readonly dropped: () => void
  readonly templates: TemplateNames
  /** Whoever adds up what several processes know of the entity; left out: nobody, it has its vectors here. */
  readonly handOn?: (state: ServiceState, collection: Collection, resource: number) => void
}

/**
 * What is known of one service entity. With spans or logs its vectors are those of the sliding window, one a step, filled
 * up with what its metrics said last; with metrics alone there is one for each collection.
 */
export class ServiceState {
  readonly entity: Entity
  readonly window: EntityWindow
  readonly metrics: MetricState
  readonly coverage = new SpanCoverage()
  readonly novelty: LogNovelty
  /** `service.version` as it was told last. */
  version: string | undefined
  /** Arrival of the last batch with any of its telemetry, and of the last with each signal that counts. 0 = never. */
  seenMs = 0
  spansMs = 0
  requestsMs = 0
  logsMs = 0
  /** Requests seen as spans. */
  requests = 0
  /** Arrival of the last batch in which an event was out of the window. */
  missedMs = Number.NEGATIVE_INFINITY
  latest: Evaluated | undefined
  readonly #options: ServiceOptions
  readonly #queue: VectorQueue
  #compared = Number.NaN

  constructor(entity: Entity, options: ServiceOptions, arrivalMs: number) {
    this.entity = entity
    this.#options = options
    this.window = new EntityWindow(options.window, options.pool, arrivalMs)
    this.#queue = new VectorQueue(options.dropped)
    this.novelty = new LogNovelty(options.templates)
    this.metrics = new MetricState(options.intervalMs, options.budget, (collection, resource) => {
      if (options.handOn === undefined) this.#collected(collection)
      else options.handOn(this, collection, resource)
    })
  }

  /** What is due at `nowMs`, oldest first. Collections to which nothing came since `quietMs` are complete. */
  evaluate(nowMs: number, quietMs: number, staleMs: number): readonly Evaluated[] {
    this.metrics.close(quietMs, staleMs)
    const window = this.#evaluateWindow(nowMs)
    if (window !== undefined) this.#put(window)
    return this.#queue.take()
  }

  close(): void {
    this.window.close()
    this.metrics.end()
  }

  /** Nobody listens to this signal for a while: its silence means nothing. */
  interrupt(signal: 'spans' | 'logs'): void {
    if (signal === 'spans') this.requestsMs = 0
    else this.logsMs = 0
    if (this.requestsMs === 0 && this.logsMs === 0) this.window.restart()
  }

  /** Spans or logs came lately, so that the window speaks for the entity. */
  windowed(nowMs: number): boolean {
    const last = Math.max(this.requestsMs, this.logsMs)
    return last > 0 && nowMs - last <= this.#options.staleMs
  }

  #put(evaluated: Evaluated): void {
    this.latest = evaluated
    this.#queue.put(evaluated)
  }

  #evaluateWindow(nowMs: number): Evaluated | undefined {
    const { window } = this
    const end = window.move(nowMs)
    if (end === undefined) return undefined
    const values = new Float64Array(SERVICE_FEATURES.length).fill(Number.NaN)
    const requests = this.#requests(values, nowMs, end)
    const logs = this.#logs(values, nowMs, end)
    if (!requests && !logs) return undefined
    this.metrics.fillHost(values, end)
    // The end of a window lies ahead of now only on a clock that runs ahead.
    return { timeMs: Math.min(end, nowMs), arrivalMs: window.arrivalMs || nowMs, values }
  }

  #requests(values: Float64Array, nowMs: number, endMs: number): boolean {
    const { window } = this
    const known = window.requests > 0 || this.#silent(this.requestsMs, nowMs)
    if ((!known || this.coverage.sampled) && this.metrics.fillRequests(values, endMs)) return known
    if (!known) return false
    values[AT.request_rate] = (window.requests * 1000) / this.#widthMs
    if (window.requests > 0) {
      values[AT.error_rate] = window.failures / window.requests
      values[AT.latency_p50] = window.latency.quantile(0.5)
      values[AT.latency_p95] = window.latency.quantile(0.95)
      values[AT.latency_p99] = window.latency.quantile(0.99)
    }
    return true
  }

  #logs(values: Float64Array, nowMs: number, endMs: number): boolean {
    const { window } = this
    if (window.logs === 0 && !this.#silent(this.logsMs, nowMs)) return false
    values[AT.log_rate] = (window.logs * 1000) / this.#widthMs
    values[AT.log_error_rate] = (window.errorLogs * 1000) / this.#widthMs
    values[AT.log_novelty] = this.novelty.of(window.templates, window.logs)
    if (endMs - this.novelty.learnedMs >= this.#widthMs) {
      this.novelty.learn(window.templates, window.logs)
      this.novelty.learnedMs = endMs
    }
    return true
  }

  #collected(collection: Collection): void {
    const { timeMs, arrivalMs, intervalMs, requests } = collection
    if (requests !== undefined) {
      if (this.requestsMs > 0 && !Number.isNaN(this.#compared))
        this.coverage.compare(this.requests - this.#compared, (requests.rate * intervalMs) / 1000)
      this.#compared = this.requests
    }
    if (this.windowed(arrivalMs) || this.metrics.tooSoon(collection, this.#queue.latestMs)) return
    const values = new Float64Array(SERVICE_FEATURES.length).fill(Number.NaN)
    const host = this.metrics.fillHost(values, timeMs)
    if (this.metrics.fillRequests(values, timeMs) || host) this.#put({ timeMs, arrivalMs, values })
  }

  get #widthMs(): number {
    return this.#options.window.steps * this.#options.window.stepMs
  }

  /** Nothing came although the signal is known and nothing was left out: a rate of 0, not a missing one. */
  #silent(signalMs: number, nowMs: number): boolean {
    if (signalMs === 0 || nowMs - signalMs > this.#options.staleMs) return false
    // A clock that jumped ahead leaves a hole that is no silence.
    if (this.window.lateness.smallestMs < -this.#widthMs) return false
    return nowMs - this.missedMs > this.#widthMs + this.#options.window.maxLatenessMs
  }
}
