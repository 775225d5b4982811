/**
 * How many independent samples a correlated series is worth: n divided by its integrated autocorrelation time
 * τ = 1 + 2·Σρ(k), summed over the initial positive pairs (C. J. Geyer: Practical Markov chain Monte Carlo, 1992).
 * Overlapping windows make τ about width/step. Works on ranks capped at the median deviation, so that one burst does not set
 * it. At least 2, at most n; O(n·τ).
 */
export function effectiveSize(series: Float64Array): number {
  const n = series.length
  if (n < 8) return Math.max(1, n)
  const sorted = series.toSorted()
  const low = sorted[Math.floor(n * 0.05)]!
  const high = sorted[Math.ceil(n * 0.95) - 1]!
  const values = series.map((v) => Math.min(high, Math.max(low, v)))
  const mean = values.reduce((a, b) => a + b / n, 0)
  for (let i = 0; i < n; i++) values[i]! -= mean
  const variance = covariance(values, 0)
  // A constant series has only rounding errors left.
  if (!(variance > 1e-20 * mean * mean)) return n
  const longest = Math.floor(n / 3)
  let time = -1
  for (let lag = 0; lag + 1 < longest; lag += 2) {
    const pair = (covariance(values, lag) + covariance(values, lag + 1)) / variance
    if (!(pair > 0)) break
    time += 2 * pair
  }
  return Math.min(n, Math.max(2, n / Math.max(1, time)))
}

function covariance(values: Float64Array, lag: number): number {
  let sum = 0
  for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!
  return sum / values.length
}
