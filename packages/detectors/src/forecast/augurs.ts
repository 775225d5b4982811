import { initSync, MSTL } from '@bsull/augurs/mstl'
import type { Forecast, Forecaster } from './forecaster.ts'
import { smoothing } from './smoothing.ts'

/**
 * Forecasts by MSTL with an automatic exponential smoothing of the trend, from the augurs library (WebAssembly; MIT or
 * Apache-2.0): seasons that change over time, and a trend. It takes 5 to 50 ms for 288 steps, 0.4 s for 672 and 2.6 s for
 * 2880, so it is for a training worker; on a day's wave in correlated noise it was no more accurate than `smoothing`. A
 * series without a season, and one that augurs refuses, is left to `smoothing`.
 *
 * Source: K. Bandara, R. Hyndman, C. Bergmeir: MSTL, a seasonal-trend decomposition algorithm for multiple seasonal patterns (2021).
 *
 * @param wasm the contents of `mstl_bg.wasm` of the package: reading it is the caller's, since this package does no I/O
 */
export function augursForecaster(wasm: Uint8Array<ArrayBuffer>): Forecaster {
  initSync({ module: wasm })
  return {
    slow: true,
    forecast: (series, periods, horizon) =>
      mstl(series, periods, horizon) ?? smoothing.forecast(series, periods, horizon),
  }
}

function mstl(series: Float64Array, periods: readonly number[], horizon: number): Forecast | undefined {
  const used = periods.filter((period) => period >= 2 && 2 * period <= series.length)
  if (used.length === 0) return undefined
  const model = MSTL.ets([...used])
  try {
    model.fit(series)
    const { point, intervals } = model.predict(horizon, 0.98)
    if (intervals === undefined) return undefined
    const { lower, upper } = intervals
    const halfWidth = Float64Array.from(point, (_, h) => (upper[h]! - lower[h]!) / 2)
    const sound = point.length === horizon && point.every(Number.isFinite) && halfWidth.every(Number.isFinite)
    return sound ? { point: Float64Array.from(point), halfWidth } : undefined
  } catch {
    // It refuses series without variance, and those shorter than its models need.
    return undefined
  } finally {
    model.free()
  }
}
