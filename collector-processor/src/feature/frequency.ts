const PARTS = 60

/**
 * How many events came within a window, to a sixtieth of its width. In event time: events may come out of order, as long
 * as they are not older than the window. Until a whole window has passed since the first, nobody knows how many there are: a count that
 * begins at nothing would grow for so long. 64 numbers of memory, however many events.
 */
export class Frequency {
  readonly #partMs: number
  readonly #counts = new Uint32Array(PARTS)
  #newest = Number.NEGATIVE_INFINITY
  #first = Number.NaN

  constructor(windowMs: number) {
    this.#partMs = windowMs / PARTS
  }

  /** Counts an event; returns how many there are in the window that ends with it. NaN when it is older than the window, or the first less than a window ago. */
  add(timeMs: number): number {
    const part = Math.floor(timeMs / this.#partMs)
    if (part <= this.#newest - PARTS) return Number.NaN
    if (Number.isNaN(this.#first)) this.#first = part
    if (part > this.#newest) {
      const from = Math.max(this.#newest + 1, part - PARTS + 1)
      for (let cleared = from; cleared <= part; cleared++) this.#counts[place(cleared)] = 0
      this.#newest = part
    }
    this.#counts[place(part)] = this.#counts[place(part)]! + 1
    if (part < this.#first + PARTS) return Number.NaN
    let total = 0
    for (let each = Math.max(part, this.#newest) - PARTS + 1; each <= part; each++)
      total += this.#counts[place(each)]!
    return total
  }
}

/** Times before 1970 have negative parts. */
const place = (part: number) => ((part % PARTS) + PARTS) % PARTS
