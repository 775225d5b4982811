/** What is known at one time. Values in the order of the stream. */
export interface Evaluated {
  readonly timeMs: number
  readonly arrivalMs: number
  readonly values: Float64Array
}

const LIMIT = 64

/** Vectors of one entity that wait for the next step, in order of time; past the bound the oldest goes. */
export class VectorQueue {
  readonly #dropped: () => void
  #waiting: Evaluated[] = []
  #latestMs = Number.NEGATIVE_INFINITY

  constructor(dropped: () => void) {
    this.#dropped = dropped
  }

  /** Time of the last vector that was put in. */
  get latestMs(): number {
    return this.#latestMs
  }

  /** Only later times than before are taken. */
  put(evaluated: Evaluated): void {
    if (!(evaluated.timeMs > this.#latestMs)) return
    this.#latestMs = evaluated.timeMs
    if (this.#waiting.length >= LIMIT) {
      this.#waiting.shift()
      this.#dropped()
    }
    this.#waiting.push(evaluated)
  }

  take(): readonly Evaluated[] {
    if (this.#waiting.length === 0) return NONE
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }
}

const NONE: readonly Evaluated[] = []
