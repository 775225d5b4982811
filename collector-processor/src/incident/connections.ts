const MAX_KEPT = 100_000

/**
 * Answers of the graph to "are these two connected", each a search of it, so only so many between two ticks: `calls` of
 * the graph, `asks` in all. Past that the answer is no, which the next look puts right. Answers are kept until `forget`.
 */
export class Connections {
  readonly #connected: (a: string, b: string) => boolean
  readonly #calls: number
  readonly #asks: number
  readonly #known = new Map<string, boolean>()
  #callsLeft: number
  #asksLeft: number

  constructor(connected: (a: string, b: string) => boolean, limits: { calls: number; asks: number }) {
    this.#connected = connected
    this.#calls = limits.calls
    this.#asks = limits.asks
    this.#callsLeft = limits.calls
    this.#asksLeft = limits.asks
  }

  has(a: string, b: string): boolean {
    if (this.exhausted) return false
    this.#asksLeft--
    const key = a < b ? `${a}\u0000${b}` : `${b}\u0000${a}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#callsLeft--
    const connected = this.#connected(a, b)
    if (this.#known.size >= MAX_KEPT) this.#known.clear()
    this.#known.set(key, connected)
    return connected
  }

  get exhausted(): boolean {
    return this.#callsLeft <= 0 || this.#asksLeft <= 0
  }

  refill(): void {
    this.#callsLeft = this.#calls
    this.#asksLeft = this.#asks
  }

  forget(): void {
    this.#known.clear()
  }
}
