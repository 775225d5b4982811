import type { Clock } from '../telemetry/clock.ts'

const EVERY_MS = 60_000

/** A log line that comes at most once a minute; what happens in between is counted, and told with the next one. */
export class RareLine {
  readonly #clock: Clock
  #lastMs = Number.NEGATIVE_INFINITY
  #untold = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `count` more happened. How many there are to tell now; 0 when the line must wait. */
  due(count = 1): number {
    this.#untold += count
    const nowMs = this.#clock()
    // Wall clocks may be set back.
    if (Math.abs(nowMs - this.#lastMs) < EVERY_MS) return 0
    const told = this.#untold
    this.#untold = 0
    this.#lastMs = nowMs
    return told
  }
}
