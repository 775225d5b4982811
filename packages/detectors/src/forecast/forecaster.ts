/** What is to come of one series, a step each. */
export interface Forecast {
  readonly point: Float64Array
  /** How far from it 98 % lie, on either side. */
  readonly halfWidth: Float64Array
}

/** The port behind which a forecasting library stands. Must give finite numbers for any finite series, and the same for the same. */
export interface Forecaster {
  /** Takes more than a millisecond or two a series: is not to run where vectors are scored. */
  readonly slow: boolean
  /** @param series without gaps, @param periods of its seasons in steps, shortest first, @param horizon steps ahead */
  forecast(series: Float64Array, periods: readonly number[], horizon: number): Forecast
}
