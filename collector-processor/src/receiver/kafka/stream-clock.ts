import type { Clock } from '../../telemetry/clock.ts'

/**
 * The time of windows while telemetry comes from Kafka. Caught up it is the wall clock. While a backlog is read, or nothing can be
 * read, it stands at the time of the message that was taken last: windows are then cut as they would have been at the time, also
 * those of a minute ago that are read again after a crash. It never goes back, is never ahead of the wall clock, and never
 * more than `maxDelayMs` behind it.
 */
export class StreamClock {
  readonly #wall: Clock
  readonly #maxDelayMs: number
  #nowMs = Number.NEGATIVE_INFINITY
  #behind = true

  constructor(wall: Clock, maxDelayMs: number) {
    this.#wall = wall
    this.#maxDelayMs = maxDelayMs
  }

  readonly now: Clock = () => {
    const wall = this.#wall()
    this.#nowMs = Math.max(this.#nowMs, this.#behind ? wall - this.#maxDelayMs : wall)
    return this.#nowMs
  }

  /** ms behind the wall clock. */
  get delayMs(): number {
    return Math.max(0, this.#wall() - this.now())
  }

  /** There is more to read, or nothing can be. */
  fallBehind(): void {
    this.now()
    this.#behind = true
  }

  catchUp(): void {
    this.#behind = false
  }

  /** A message of this time is taken next. */
  reach(timestampMs: number): number {
    const wall = this.#wall()
    const atMs = Math.max(Math.min(timestampMs, wall), wall - this.#maxDelayMs)
    this.#nowMs = Math.max(this.#nowMs, atMs)
    return this.#nowMs
  }
}
