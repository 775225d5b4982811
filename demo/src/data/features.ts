/**
 * How each of the 17 features behaves in a healthy service: its value at the mean of the day, how far the day moves it (in shares of that
 * value, at full season), its noise, its drift over a day, and where it must stay.
 */
export interface FeatureShape {
  readonly name: string
  readonly base: number
  readonly season: number
  readonly noise: number
  readonly trendPerDay: number
  readonly min: number
  readonly max: number
  readonly digits: number
}

const shape = (
  name: string,
  base: number,
  season: number,
  noise: number,
  rest: Partial<FeatureShape> = {},
): FeatureShape => ({
  name,
  base,
  season,
  noise,
  trendPerDay: 0,
  min: 0,
  max: Number.POSITIVE_INFINITY,
  digits: 2,
  ...rest,
})

export const FEATURES: readonly FeatureShape[] = [
  shape('request_rate', 120, 0.6, 0.05, { trendPerDay: 0.01 }),
  shape('error_rate', 0.004, 0.1, 0.25, { max: 1, digits: 5 }),
  shape('latency_p50', 18, 0.15, 0.05),
  shape('latency_p95', 65, 0.2, 0.07),
  shape('latency_p99', 140, 0.25, 0.1),
  shape('cpu_usage_percent', 38, 0.5, 0.06, { max: 100 }),
  shape('cpu_load1', 1.6, 0.5, 0.1),
  shape('cpu_load5', 1.6, 0.5, 0.05),
  shape('memory_usage_percent', 55, 0.08, 0.01, { trendPerDay: 0.005, max: 100 }),
  shape('memory_available_mb', 3600, -0.08, 0.01, { trendPerDay: -0.005, digits: 1 }),
  shape('disk_usage_percent', 42, 0, 0.001, { trendPerDay: 0.01, max: 100 }),
  shape('disk_read_latency_ms', 1.2, 0.2, 0.15, { digits: 3 }),
  shape('disk_write_latency_ms', 2.1, 0.25, 0.15, { digits: 3 }),
  shape('network_tx_error_rate', 0.0002, 0, 0.3, { max: 1, digits: 7 }),
  shape('network_rx_error_rate', 0.0002, 0, 0.3, { max: 1, digits: 7 }),
  shape('network_drop_rate', 0.0004, 0.1, 0.3, { max: 1, digits: 7 }),
  shape('network_throughput_mbps', 48, 0.55, 0.06),
]
