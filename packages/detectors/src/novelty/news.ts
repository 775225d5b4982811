/** From this rarity on (one in seventy, −log10) there is trouble, which lasts until as many vectors below it have come as are looked back at. */
const TROUBLE = Math.log10(70)
/** In trouble it is news again when it is so much rarer. */
const WORSE = 1.5
/** Below trouble the same. */
const RARER = 0.2

/** Tells the beginning of trouble from its duration, by how rare the latest vectors were. */
export class News {
  /** Ring of rarities. */
  readonly #latest: Float64Array
  #count = 0

  /** @param rest vectors that are looked back at; 0: everything is news */
  constructor(rest: number) {
    this.#latest = new Float64Array(rest)
  }

  /** Whether a vector of this rarity tells more than the latest ones did. */
  is(rarity: number): boolean {
    let rarest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < this.#latest.length; i++) rarest = Math.max(rarest, this.#latest[i]!)
    if (rarity < TROUBLE) return rarity >= rarest + RARER
    return rarest < TROUBLE || rarity >= rarest + WORSE
  }

  add(rarity: number): void {
    if (this.#latest.length > 0) this.#latest[this.#count++ % this.#latest.length] = rarity
  }

  reset(): void {
    this.#latest.fill(0)
    this.#count = 0
  }

  /** Everything it holds: the count, then the ring. */
  save(): Float64Array {
    return Float64Array.of(this.#count, ...this.#latest)
  }

  load(saved: Float64Array): void {
    this.#count = saved[0]!
    this.#latest.set(saved.subarray(1))
  }

  get saved(): number {
    return 1 + this.#latest.length
  }
}
