/** Samples that are averaged to one, so that single ones do not decide. */
const BATCH = 5
/** Batches at the very beginning, where a start-up shows most. */
const FIRST = 2
/** By how many standard deviations of the steady state they must be off. In simulated steady traffic they hardly ever are by 6. */
const OFF = 6

/**
 * How many samples at the beginning of a series belong to its start-up (caches fill, code compiles, connections open) rather
 * than to its steady state: the marginal standard error rule MSER-5 (K. P. White: An effective truncation heuristic for bias
 * reduction in simulation output, Simulation 69(6), 1997; K. P. White, S. Robinson: The problem of the initial transient (again), or
 * why MSER works, J. Simulation 4, 2010). It drops what makes the standard error of the mean of the rest the smallest,
 * (Σ(x − mean)²)/n². Since a minimum is somewhere by chance too, and a burst in the middle of a steady series is no start-up,
 * nothing is dropped unless the series begins far above the rest.
 *
 * Fails when: a burst of the steady state falls on the beginning; what that costs is bounded by `most`. O(n).
 *
 * @param series independent or not; larger = further from steady
 * @param most at most so many are dropped
 * @returns a multiple of 5, 0 for a steady series
 */
export function transientLength(series: Float64Array, most: number): number {
  const batches = Float64Array.from({ length: Math.floor(series.length / BATCH) }, (_, i) =>
    mean(series.subarray(i * BATCH, (i + 1) * BATCH)),
  )
  const longest = Math.min(Math.floor(most / BATCH), batches.length - FIRST)
  let dropped = 0
  let smallest = Number.POSITIVE_INFINITY
  for (let from = 0; from <= longest; from++) {
    const rest = batches.subarray(from)
    const error = variance(rest) / rest.length
    if (error >= smallest) continue
    smallest = error
    dropped = from
  }
  const steady = batches.subarray(dropped)
  const above = mean(batches.subarray(0, FIRST)) - mean(steady)
  return above > OFF * Math.sqrt(variance(steady)) ? dropped * BATCH : 0
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value / values.length, 0)
}

function variance(values: Float64Array): number {
  const center = mean(values)
  return values.reduce((sum, value) => sum + (value - center) ** 2 / values.length, 0)
}
