/** Steps of all searches of one look together. Past that nothing more is explained, which the next look may put right. */
const MAX_STEPS = 200_000

/** What the trouble of a service or host explains: who suffers from it at once, and from those in turn. */
export class Explanation {
  readonly #sufferers: ReadonlyMap<string, ReadonlySet<string>>
  readonly #known = new Map<string, ReadonlySet<string>>()
  #stepsLeft = MAX_STEPS

  constructor(sufferers: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#sufferers = sufferers
  }

  /** Itself first, then the nearest. */
  of(cause: string): ReadonlySet<string> {
    const known = this.#known.get(cause)
    if (known !== undefined) return known
    const reached = new Set([cause])
    for (const at of reached) {
      for (const next of this.#sufferers.get(at) ?? []) {
        if (this.#stepsLeft-- <= 0) break
        reached.add(next)
      }
    }
    this.#known.set(cause, reached)
    return reached
  }
}
