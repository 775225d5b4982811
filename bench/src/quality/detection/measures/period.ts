/** Rows looked at, lags tried, and what is taken when there is no peak among those allowed. */
const ROWS = 20_000
const LAGS = 400
const FIRST_LAG = 3
const LARGEST = 300
const NONE = 125

/**
 * Length of the strongest autocorrelation peak of a series, or 125: the window of VUS, as TSB-AD's `find_length_rank`. A peak
 * counts from 3 to 300 lags beyond the first lag looked at, which is 3; one outside makes it 125 even if there are others.
 *
 * Source: Q. Liu, J. Paparrizos: The elephant in the room: towards a reliable time-series anomaly detection benchmark, NeurIPS
 * 2024.
 */
export function periodOf(series: Float64Array): number {
  const part = series.subarray(0, ROWS)
  const mean = part.reduce((sum, value) => sum + value, 0) / part.length
  const deviations = part.map((value) => value - mean)
  const power = product(deviations, 0)
  if (!(power > 0)) return NONE
  const correlations: number[] = []
  for (let lag = FIRST_LAG; lag <= LAGS && lag < part.length; lag++)
    correlations.push(product(deviations, lag) / power)
  let peak = -1
  for (let i = 1; i < correlations.length - 1; i++) {
    const value = correlations[i]!
    if (value <= correlations[i - 1]! || value <= correlations[i + 1]!) continue
    if (peak < 0 || value > correlations[peak]!) peak = i
  }
  return peak < FIRST_LAG || peak > LARGEST ? NONE : peak + FIRST_LAG
}

function product(deviations: Float64Array, lag: number): number {
  let sum = 0
  for (let i = lag; i < deviations.length; i++) sum += deviations[i]! * deviations[i - lag]!
  return sum
}
