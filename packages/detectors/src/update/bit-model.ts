/**
 * How probable a 0 is in each of several contexts, learned while coding: the mean of two estimates that forget at different speeds,
 * since one speed is either late to a change or unsteady in between. Integers only, so that both ends learn the same.
 */
export class BitModel {
  readonly #fast: Uint16Array
  readonly #slow: Uint16Array

  constructor(contexts: number) {
    this.#fast = new Uint16Array(contexts).fill(HALF)
    this.#slow = new Uint16Array(contexts).fill(HALF)
  }

  /** In 1/65536, never so near 0 or 1 that either bit would be left without room. */
  zero(context: number): number {
    return Math.min(ONE - LEAST, Math.max(LEAST, (this.#fast[context]! + this.#slow[context]! + 1) >> 1))
  }

  learn(context: number, bit: number): void {
    const fast = this.#fast[context]!
    const slow = this.#slow[context]!
    // Towards 65535, which still fits 16 bits.
    this.#fast[context] = bit === 0 ? fast + ((ONE - 1 - fast) >> FAST) : fast - (fast >> FAST)
    this.#slow[context] = bit === 0 ? slow + ((ONE - 1 - slow) >> SLOW) : slow - (slow >> SLOW)
  }
}

const ONE = 65536
const HALF = ONE / 2
const LEAST = 32
const FAST = 5
const SLOW = 8
