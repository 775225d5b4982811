const MEMORY = 0.7
const ENOUGH = 20
const INCOMPLETE = 0.8
const COMPLETE = 0.9

/**
 * Are the spans of an entity all of its requests? The request metric counts every request, spans may be sampled. As long
 * as the spans account for what the metric counts they are used, since they are a minute fresher; when they do not, the
 * metric is. Both are summed with exponential forgetting, one term for each point of the metric.
 */
export class SpanCoverage {
  #spans = 0
  #counted = 0
  #sampled = false

  /** Requests since the last call: seen as spans, and counted by the metric. */
  compare(spans: number, counted: number): void {
    this.#spans = this.#spans * MEMORY + spans
    this.#counted = this.#counted * MEMORY + counted
    if (this.#counted < ENOUGH) return
    const share = this.#spans / this.#counted
    if (share < INCOMPLETE) this.#sampled = true
    else if (share >= COMPLETE) this.#sampled = false
  }

  get sampled(): boolean {
    return this.#sampled
  }
}
