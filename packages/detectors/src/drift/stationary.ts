/** Critical value of the statistic at 1 %. */
const CRITICAL = 0.739

/**
 * Whether a series may be noise around one level, rather than on its way somewhere: the KPSS statistic of its level, with the long-run
 * variance by Bartlett weights, below its 1 % value. O(n).
 *
 * Fails when: the series is short and remembers nearly all of itself: then a wandering one passes.
 *
 * Source: D. Kwiatkowski, P. Phillips, P. Schmidt, Y. Shin: Testing the null hypothesis of stationarity (J. Econometrics 1992).
 */
export function stationary(series: Float64Array): boolean {
  const n = series.length
  const mean = series.reduce((sum, value) => sum + value / n, 0)
  const residuals = series.map((value) => value - mean)
  let partial = 0
  let sum = 0
  for (const residual of residuals) {
    partial += residual
    sum += partial * partial
  }
  const lags = Math.floor(4 * (n / 100) ** 0.25)
  let variance = product(residuals, 0)
  for (let lag = 1; lag <= lags; lag++) variance += 2 * (1 - lag / (lags + 1)) * product(residuals, lag)
  // A constant series has rounding errors only.
  if (!(variance > 1e-12 * (mean * mean + 1e-12))) return true
  return sum / (n * n * variance) < CRITICAL
}

function product(values: Float64Array, lag: number): number {
  let sum = 0
  for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!
  return sum / values.length
}
