/** Changes of what people were told already: made only when looks at the trouble say so for some time. */
export class Agreement {
  readonly #lastingMs: number
  #since = new Map<string, number>()
  #next = new Map<string, number>()

  constructor(lastingMs: number) {
    this.#lastingMs = lastingMs
  }

  /** Whether every look of the last while said so. */
  reached(proposal: string, nowMs: number): boolean {
    const sinceMs = this.#since.get(proposal) ?? nowMs
    this.#next.set(proposal, sinceMs)
    return nowMs - sinceMs >= this.#lastingMs
  }

  /** To be called after each look: what was not proposed in it begins anew. */
  endLook(): void {
    this.#since = this.#next
    this.#next = new Map()
  }

  get pending(): boolean {
    return this.#since.size > 0
  }
}
