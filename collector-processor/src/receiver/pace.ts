import { performance } from 'node:perf_hooks'

/** Length of one measurement, ms. */
const MEASURE_MS = 250
/** Share of the time from which the thread is what requests wait for; below it they wait for their senders. */
const BUSY = 0.9
/** Weight of the newest measurement. */
const NEWEST = 0.5
/** Room that there is in any case: some requests of usual size side by side. */
const LEAST = 8 * 2 ** 20

/** ms, and the share of the time since it was asked for last in which the thread was at work. */
export interface Watch {
  now(): number
  busy(): number
}

/**
 * How many bytes of requests may be in flight so that none waits longer than `maxWaitMs`: while the thread is at work all the time, as many as it handled in so long of late.
 * Senders give up after some seconds (the collector after five) and send again: whatever is done for those who wait longer is done twice.
 */
export class Pace {
  readonly maxWaitMs: number
  readonly #watch: Watch
  #sinceMs: number
  #handled = 0
  /** Bytes per ms; NaN before the first busy measurement. */
  #rate = Number.NaN
  #room = Number.POSITIVE_INFINITY

  constructor(maxWaitMs: number, watch: Watch = threadWatch()) {
    this.maxWaitMs = maxWaitMs
    this.#watch = watch
    this.#sinceMs = watch.now()
  }

  /** Bytes of requests that were answered, and not refused for want of room. */
  handled(bytes: number): void {
    this.#handled += bytes
  }

  room(): number {
    const nowMs = this.#watch.now()
    const lengthMs = nowMs - this.#sinceMs
    if (lengthMs >= MEASURE_MS) this.#measure(lengthMs, nowMs)
    return this.#room
  }

  #measure(lengthMs: number, nowMs: number): void {
    const rate = this.#handled / lengthMs
    this.#sinceMs = nowMs
    this.#handled = 0
    if (this.#watch.busy() < BUSY) {
      this.#room = Number.POSITIVE_INFINITY
      return
    }
    this.#rate = Number.isNaN(this.#rate) ? rate : NEWEST * rate + (1 - NEWEST) * this.#rate
    this.#room = Math.max(LEAST, this.#rate * this.maxWaitMs)
  }
}

function threadWatch(): Watch {
  let before = performance.eventLoopUtilization()
  return {
    now: () => performance.now(),
    busy() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, before)
      before = now
      return utilization
    },
  }
}
