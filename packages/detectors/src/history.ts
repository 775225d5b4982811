/** Vectors of one entity, oldest first, with their event times. Rows are views: not to be written to. */
export class History {
  readonly width: number
  readonly values: Float64Array
  readonly timesMs: Float64Array

  /** @param values row by row, `width` values each; @param timesMs one for each row */
  constructor(width: number, values: Float64Array, timesMs: Float64Array) {
    if (values.length !== width * timesMs.length)
      throw new RangeError(`${values.length} values are not ${timesMs.length} rows of ${width}`)
    this.width = width
    this.values = values
    this.timesMs = timesMs
  }

  static of(rows: readonly Float64Array[], timesMs: ArrayLike<number>): History {
    const width = rows[0]?.length ?? 0
    const values = new Float64Array(rows.length * width)
    for (const [i, row] of rows.entries()) values.set(row, i * width)
    return new History(width, values, Float64Array.from(timesMs))
  }

  get count(): number {
    return this.timesMs.length
  }

  row(i: number): Float64Array {
    return this.values.subarray(i * this.width, (i + 1) * this.width)
  }

  /** Rows from `from` up to but without `to`. */
  slice(from: number, to: number = this.count): History {
    const { width } = this
    return new History(width, this.values.subarray(from * width, to * width), this.timesMs.subarray(from, to))
  }

  /** All rows but those from `from` up to `to`. */
  without(from: number, to: number): History {
    const before = this.slice(0, from)
    const after = this.slice(to)
    const join = (a: Float64Array, b: Float64Array) => {
      const joined = new Float64Array(a.length + b.length)
      joined.set(a)
      joined.set(b, a.length)
      return joined
    }
    return new History(this.width, join(before.values, after.values), join(before.timesMs, after.timesMs))
  }
}
