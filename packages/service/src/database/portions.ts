/** Rows of one statement: few sizes, so that few texts are prepared. The largest stays far below the variables that SQLite takes, 32,766. */
const SIZES = [64, 8, 1] as const

/** Rows in portions of few sizes, in order. */
export function* portions<Row>(rows: readonly Row[]): Generator<readonly Row[], void> {
  let start = 0
  for (const size of SIZES)
    for (; rows.length - start >= size; start += size) yield rows.slice(start, start + size)
}
