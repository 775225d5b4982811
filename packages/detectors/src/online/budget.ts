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

/** Vectors of a day at the median distance between these; NaN for fewer than two. */
export function vectorsPerDay(timesMs: Float64Array): number {
  const gaps = Float64Array.from(timesMs.subarray(1), (time, i) => time - timesMs[i]!).sort()
  return DAY_MS / gaps[gaps.length >> 1]!
}
