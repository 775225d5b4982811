/** What each feature adds to an output: base + Σ values = output. */
export interface Attribution {
  /** The output where nothing is known of the vector. */
  readonly base: number
  /** One per feature, in the output's unit; below 0 where the feature lowers it. */
  readonly values: Float64Array
  /** Standard error of each value; all 0 where the algorithm is exact. */
  readonly errors: Float64Array
}

/**
 * Shares for an `Explanation`: of what the features that raise the output add, or, where none raises it, of what all do. Sum to
 * 1; alike where nothing does anything.
 */
export function partsOf(values: Float64Array): Float64Array {
  const raising = values.some((value) => value > 0)
  const weights = values.map((value) => (raising ? Math.max(0, value) : Math.abs(value)))
  // Against overflow of the sum.
  const largest = weights.reduce((a, b) => Math.max(a, b), 0)
  if (!(largest > 0)) return weights.fill(1 / weights.length)
  const total = weights.reduce((sum, weight) => sum + weight / largest, 0)
  return weights.map((weight) => weight / largest / total)
}
