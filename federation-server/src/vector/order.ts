/**
 * Moves the k-th smallest value to place k, none larger before it and none smaller behind it, and returns it. O(n) on average
 * (C. A. R. Hoare 1961); the result does not depend on the order, the places of the others do.
 */
export function select(values: Float64Array, k: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const other = values[i]!
      values[i++] = values[j]!
      values[j--] = other
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else break
  }
  return values[k]!
}

/** Of an even number the mean of the middle two; NaN of none. Changes the order of the values. */
export function medianInPlace(values: Float64Array): number {
  const middle = values.length >> 1
  if (values.length === 0) return Number.NaN
  const upper = select(values, middle)
  if (values.length % 2 === 1) return upper
  let lower = values[0]!
  for (let i = 1; i < middle; i++) lower = Math.max(lower, values[i]!)
  const apart = upper - lower
  // two that are farther apart than the largest number
  return Number.isFinite(apart) ? lower + apart / 2 : lower / 2 + upper / 2
}

export const median = (values: Iterable<number>): number => medianInPlace(Float64Array.from(values))

/** Median absolute deviation, as a standard deviation of normal values. */
export const spread = (values: readonly number[], centre: number): number =>
  1.4826 * median(values.map((value) => Math.abs(value - centre)))
