const HALF_LIFE_MS = 30_000

/**
 * How long to wait for an entity's telemetry: the largest delay (arrival minus event time) of its batches, forgotten
 * exponentially (half of the excess in 30 s), so that a service that exports every 5 s is evaluated 5 s late and one that
 * exports at once is evaluated at once. Negative for an entity whose clock runs ahead: it is then evaluated on its own clock.
 * At most `maxMs`; delays beyond it are a matter of the clock or of a retry, and not waited for.
 */
export class Lateness {
  readonly #maxMs: number
  #wait = Number.NaN
  #arrival = 0
  #smallest = Number.NaN

  constructor(maxMs: number) {
    this.#maxMs = maxMs
  }

  /**
   * Of one batch: its arrival, the earliest event time in it (+Infinity: none that counts) and the latest (-Infinity: none).
   */
  observe(arrivalMs: number, earliestMs: number, latestMs: number): void {
    const keep = 2 ** (-Math.max(0, arrivalMs - this.#arrival) / HALF_LIFE_MS)
    if (earliestMs < Number.POSITIVE_INFINITY) {
      const delay = Math.min(arrivalMs - earliestMs, this.#maxMs)
      this.#wait = this.#wait > delay ? delay + (this.#wait - delay) * keep : delay
    }
    if (latestMs > Number.NEGATIVE_INFINITY) {
      const delay = arrivalMs - latestMs
      this.#smallest = this.#smallest < delay ? delay + (this.#smallest - delay) * keep : delay
    }
    this.#arrival = Math.max(this.#arrival, arrivalMs)
  }

  /** ms; `maxMs` before the first batch. */
  get waitMs(): number {
    return Number.isNaN(this.#wait) ? this.#maxMs : this.#wait
  }

  /** The smallest delay lately, ms: far from 0 in either direction, a clock is off. NaN before the first batch. */
  get smallestMs(): number {
    return this.#smallest
  }
}
