/** Requests, and those of them that were good. Sampled spans count for as many as they stand for, so neither need be whole. */
export interface Counts {
  readonly total: number
  readonly good: number
}

/** Counts by slot of time (slot n holds what happened from n × `stepMs` to before (n+1) × `stepMs`), the latest `size` of them. */
export class CountRing {
  readonly stepMs: number
  readonly size: number
  readonly #total: Float64Array
  readonly #good: Float64Array
  #newest = Number.NEGATIVE_INFINITY
  #changed = new Set<number>()
  /** Slot that was added to last, and its place: most requests are in the same one. NaN = none, or it may have moved. */
  #slot = Number.NaN
  #at = 0

  constructor(stepMs: number, size: number) {
    this.stepMs = stepMs
    this.size = size
    this.#total = new Float64Array(size)
    this.#good = new Float64Array(size)
  }

  slotOf(timeMs: number): number {
    return Math.floor(timeMs / this.stepMs)
  }

  /** Adds to a slot. False, and nothing is added, when it is older than the ring reaches back. */
  add(slot: number, total: number, good: number): boolean {
    if (slot !== this.#slot) {
      this.advance(slot)
      if (slot <= this.#newest - this.size) return false
      this.#changed.add(slot)
      this.#slot = slot
      this.#at = index(slot, this.size)
    }
    const at = this.#at
    this.#total[at] = this.#total[at]! + total
    this.#good[at] = this.#good[at]! + good
    return true
  }

  /** Empties the slots that begin. */
  advance(slot: number): void {
    if (slot <= this.#newest) return
    for (let next = Math.max(this.#newest + 1, slot - this.size + 1); next <= slot; next++) {
      this.#total[index(next, this.size)] = 0
      this.#good[index(next, this.size)] = 0
    }
    this.#newest = slot
    this.#slot = Number.NaN
  }

  at(slot: number): Counts {
    if (slot > this.#newest || slot <= this.#newest - this.size) return { total: 0, good: 0 }
    return { total: this.#total[index(slot, this.size)]!, good: this.#good[index(slot, this.size)]! }
  }

  /** Sum over slots, both ends included. */
  sum(from: number, to: number): Counts {
    let total = 0
    let good = 0
    const last = Math.min(to, this.#newest)
    for (let slot = Math.max(from, this.#newest - this.size + 1); slot <= last; slot++) {
      total += this.#total[index(slot, this.size)]!
      good += this.#good[index(slot, this.size)]!
    }
    return { total, good }
  }

  /** Slots that changed since the last call. Those that could not be saved go back by `keep`. */
  takeChanged(): ReadonlySet<number> {
    const changed = this.#changed
    this.#changed = new Set()
    this.#slot = Number.NaN
    return changed
  }

  keep(slots: Iterable<number>): void {
    for (const slot of slots) if (slot > this.#newest - this.size) this.#changed.add(slot)
  }

  /** Puts back what was saved; it counts as unchanged. */
  restore(slot: number, { total, good }: Counts): void {
    if (this.add(slot, total, good)) this.#changed.delete(slot)
    this.#slot = Number.NaN
  }
}

const index = (slot: number, size: number) => ((slot % size) + size) % size
