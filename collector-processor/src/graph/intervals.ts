/** Children looked at for one span: past it, further ones are taken not to overlap. Keeps a hostile trace linear. */
export const MAX_SCANNED = 1024

/** Scratch room for the intervals of one span's children. Not reentrant. */
export class IntervalUnion {
  #starts = new Float64Array(64)
  #ends = new Float64Array(64)
  #length = 0

  clear(): void {
    this.#length = 0
  }

  /** Adds the part of [start, end] that lies within [low, high]. */
  add(start: number, end: number, low: number, high: number): void {
    const from = start > low ? start : low
    const to = end < high ? end : high
    if (!(to > from)) return
    if (this.#length === this.#starts.length) this.#grow()
    this.#starts[this.#length] = from
    this.#ends[this.#length++] = to
  }

  /** Length of the union of what was added. Starts and ends may be sorted apart: only how many are open matters. */
  get measure(): number {
    const n = this.#length
    if (n === 0) return 0
    if (n === 1) return this.#ends[0]! - this.#starts[0]!
    const starts = this.#starts
    const ends = this.#ends
    sort(starts, n)
    sort(ends, n)
    let total = 0
    let opened = 0
    for (let i = 0, j = 0; j < n; ) {
      if (i < n && starts[i]! <= ends[j]!) {
        if (i === j) opened = starts[i]!
        i++
      } else {
        j++
        if (i === j) total += ends[j - 1]! - opened
      }
    }
    return total
  }

  #grow(): void {
    const starts = new Float64Array(this.#starts.length * 2)
    starts.set(this.#starts)
    this.#starts = starts
    const ends = new Float64Array(starts.length)
    ends.set(this.#ends)
    this.#ends = ends
  }
}

function sort(values: Float64Array, n: number): void {
  if (n > 24) {
    values.subarray(0, n).sort()
    return
  }
  for (let i = 1; i < n; i++) {
    const value = values[i]!
    let j = i - 1
    while (j >= 0 && values[j]! > value) {
      values[j + 1] = values[j]!
      j--
    }
    values[j + 1] = value
  }
}
