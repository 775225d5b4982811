const PARTS = 60

/**
 * How many events came within a window, to a sixtieth of its width. In event time: events may come out of order, as long
 * as they are not older than the window. 64 numbers of memory, however many events.
 */
export class Frequency {
  readonly #partMs: number
  readonly #counts = new Uint32Array(PARTS)
  #newest = Number.NEGATIVE_INFINITY

  constructor(windowMs: number) {
    this.#partMs = windowMs / PARTS
  }

  /** Counts an event; returns how many there are in the window that ends with it. NaN when it is older than the window. */
  add(timeMs: number): number {
    const part = Math.floor(timeMs / this.#partMs)
    if (part <= this.#newest - PARTS) return Number.NaN
    if (part > this.#newest) {
      const from = Math.max(this.#newest + 1, part - PARTS + 1)
      for (let cleared = from; cleared <= part; cleared++) this.#counts[place(cleared)] = 0
      this.#newest = part
    }
    this.#counts[place(part)] = this.#counts[place(part)]! + 1
    let total = 0
    for (let each = Math.max(part, this.#newest) - PARTS + 1; each <= part; each++)
      total += this.#counts[place(each)]!
    return total
  }
}

/** Times before 1970 have negative parts. */
const place = (part: number) => ((part % PARTS) + PARTS) % PARTS
