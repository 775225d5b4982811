/** When metrics come for a service that is counted by its spans: so long after they take over, once all instances sent some. */
const TAKE_OVER_AFTER_MS = 120_000
/** Metrics that stay away for so long are given up, if spans come. */
const SILENT_MS = 300_000
const SILENT_INTERVALS = 3

export type RequestSource = 'metrics' | 'spans'

/**
 * Which telemetry counts the requests of one service: metrics where they come, since spans may be sampled, else spans, and
 * never both for one time. A service counted by spans whose metrics begin to come is handed over at a moment two minutes
 * ahead: spans count what ended before it, metrics what came after.
 */
export class SourceChoice {
  /** From here on metrics count; until here spans do. */
  #metricsFromMs: number
  /** Latest time that metrics counted. */
  #untilMs: number
  /** Spans that ended before this were counted by metrics, before those went away or this process began. */
  #spansFromMs: number
  #spans = false
  #metricArrivalMs = Number.NEGATIVE_INFINITY
  #intervalMs = 0

  /** `untilMs`: up to where metrics counted in an earlier life; -Infinity when they never did. */
  constructor(untilMs = Number.NEGATIVE_INFINITY) {
    this.#untilMs = untilMs
    this.#spansFromMs = untilMs
    this.#metricsFromMs = Number.POSITIVE_INFINITY
  }

  /** undefined before there was any. */
  at(nowMs: number): RequestSource | undefined {
    if (nowMs >= this.#metricsFromMs) return 'metrics'
    return this.#spans ? 'spans' : undefined
  }

  get untilMs(): number {
    return this.#untilMs
  }

  /** Whether a request counts that ended at `endMs` and was told by a span. */
  span(endMs: number, arrivalMs: number): boolean {
    if (
      arrivalMs >= this.#metricsFromMs &&
      arrivalMs - this.#metricArrivalMs > Math.max(SILENT_MS, SILENT_INTERVALS * this.#intervalMs)
    ) {
      this.#metricsFromMs = Number.POSITIVE_INFINITY
      this.#spansFromMs = this.#untilMs
    }
    if (endMs > this.#metricsFromMs || endMs <= this.#spansFromMs) return false
    this.#spans = true
    return true
  }

  /** Metrics came, counting or not. */
  metrics(arrivalMs: number): void {
    this.#metricArrivalMs = arrivalMs
    if (this.#metricsFromMs < Number.POSITIVE_INFINITY) return
    this.#metricsFromMs = this.#spans ? arrivalMs + TAKE_OVER_AFTER_MS : Number.NEGATIVE_INFINITY
  }

  /** The share of an interval of a metric that counts: less than all of it only for the one that lies across the handing over. */
  share(fromMs: number, toMs: number): number {
    if (toMs <= this.#metricsFromMs) return 0
    this.#untilMs = Math.max(this.#untilMs, toMs)
    this.#intervalMs = toMs - fromMs
    if (fromMs >= this.#metricsFromMs || toMs <= fromMs) return 1
    return (toMs - this.#metricsFromMs) / (toMs - fromMs)
  }
}
