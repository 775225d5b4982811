/** Differences below it are the way of the answer, or a tick of the other clock. */
const TOLERATED_MS = 5000

/**
 * The server's clock as far as it is known: a client whose own is an hour off still signs with a time that is accepted. Time moves on
 * by the own clock.
 */
export class ServerClock {
  readonly #own: () => number
  #aheadMs = 0

  constructor(own: () => number) {
    this.#own = own
  }

  nowMs(): number {
    return this.#own() + this.#aheadMs
  }

  /** By how much the server's clock is ahead of the own one. */
  get aheadMs(): number {
    return this.#aheadMs
  }

  /** The server says that it is this time. */
  learn(serverMs: number): void {
    const aheadMs = serverMs - this.#own()
    if (Math.abs(aheadMs - this.#aheadMs) > TOLERATED_MS) this.#aheadMs = aheadMs
  }
}
