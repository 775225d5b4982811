/**
 * The score from which a vector is anomalous so that chance alone makes `alertsPerDay` alerts of an entity whose vectors come
 * `vectorsPerDay` times: an alert is a run of some `span` vectors, hence p = alerts × span / vectors.
 *
 * @returns a calibrated score, min(1, −log10(p)/6); at least 1/6, since one vector in ten is no anomaly
 */
export function budgetThreshold(alertsPerDay: number, vectorsPerDay: number, span: number): number {
  const p = (alertsPerDay * span) / vectorsPerDay
  return Math.min(1, Math.max(1 / 6, -Math.log10(p) / 6))
}

const DAY_MS = 86_400_000

/**
 * Vectors of a day at the median distance between these; at the mean one where most come at the same time, as events in batches do. NaN
 * when all do, and for fewer than two.
 */
export function vectorsPerDay(timesMs: Float64Array): number {
  const gaps = Float64Array.from(timesMs.subarray(1), (time, i) => time - timesMs[i]!).sort()
  const median = gaps[gaps.length >> 1]!
  const gap = median > 0 ? median : (timesMs.at(-1)! - timesMs[0]!) / gaps.length
  return gap > 0 ? DAY_MS / gap : Number.NaN
}

/**
 * Standard deviations above the mean that a share `p` ≤ 0.5 of normally distributed values exceeds; off by less than 5e-4.
 *
 * Source: M. Abramowitz, I. Stegun: Handbook of mathematical functions (1964), 26.2.23.
 */
export function excessOf(p: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(0.5, p)))
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
}

/** Relative scores that are looked at: nothing is farther off. */
const FARTHEST = 64

/** The relative score from which on a severity that never falls reaches `target`, by halving the interval. */
export function relativeAt(severity: (relative: number) => number, target: number): number {
  let low = -FARTHEST
  let high = FARTHEST
  while (high - low > 1e-6) {
    const middle = (low + high) / 2
    if (severity(middle) >= target) high = middle
    else low = middle
  }
  return high
}
