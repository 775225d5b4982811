import { type Feature, inverse, transform } from '../../feature.ts'
import { normal, poisson, type Rng } from '../../statistics/sampling.ts'

/** The features of a service and its host, with noise as the processor declares it for their units. */
export const hostFeatures: readonly Feature[] = [
  { name: 'request_rate', direction: 'both', transform: 'sqrt', floor: 0.16 },
  { name: 'error_rate', direction: 'high', transform: 'linear', floor: 0.002, relativeFloor: 0.05 },
  { name: 'latency_p50', direction: 'high', transform: 'log', floor: 0.1 },
  { name: 'latency_p95', direction: 'high', transform: 'log', floor: 0.1 },
  { name: 'latency_p99', direction: 'high', transform: 'log', floor: 0.1 },
  { name: 'cpu_usage_percent', direction: 'high', transform: 'linear', floor: 1, relativeFloor: 0.02 },
  { name: 'cpu_load1', direction: 'high', transform: 'linear', floor: 0.1, relativeFloor: 0.05 },
  { name: 'cpu_load5', direction: 'high', transform: 'linear', floor: 0.1, relativeFloor: 0.05 },
  { name: 'memory_usage_percent', direction: 'high', transform: 'linear', floor: 1, relativeFloor: 0.02 },
  { name: 'memory_available_mb', direction: 'low', transform: 'log', floor: 0.02 },
  { name: 'disk_usage_percent', direction: 'high', transform: 'linear', floor: 1, relativeFloor: 0.02 },
  { name: 'disk_read_latency_ms', direction: 'high', transform: 'log', floor: 0.1 },
  { name: 'disk_write_latency_ms', direction: 'high', transform: 'log', floor: 0.1 },
  {
    name: 'network_tx_error_rate',
    direction: 'high',
    transform: 'linear',
    floor: 0.002,
    relativeFloor: 0.05,
  },
  {
    name: 'network_rx_error_rate',
    direction: 'high',
    transform: 'linear',
    floor: 0.002,
    relativeFloor: 0.05,
  },
  { name: 'network_drop_rate', direction: 'high', transform: 'linear', floor: 0.002, relativeFloor: 0.05 },
  { name: 'network_throughput_mbps', direction: 'both', transform: 'sqrt', floor: 0.1 },
]

/**
 * One vector a second of a service under a load that wanders and has a daily wave: latencies that move together and are log-normal,
 * a CPU that follows the load and averages that lag behind it, memory whose two measures say the same, errors that are rare.
 */
export function simulatedHost(rng: Rng): () => Float64Array {
  let step = 0
  let load = 0
  let slowness = 0
  let memory = 55
  let load1 = 2
  let load5 = 2
  return () => {
    load = 0.97 * load + 0.24 * normal(rng)
    slowness = 0.8 * slowness + 0.6 * normal(rng)
    memory += 0.02 * (55 - memory) + 0.3 * normal(rng)
    const traffic = 0.2 * load + 0.2 * Math.sin((2 * Math.PI * step++) / 2000)
    const expected = 1000 * Math.exp(traffic)
    const requests = Math.max(1, Math.round(expected + Math.sqrt(expected) * normal(rng)))
    const cpu = Math.min(100, 40 * Math.exp(0.8 * traffic) + 1.5 * normal(rng))
    load1 += (cpu / 20 - load1) / 6 + 0.02 * normal(rng)
    load5 += (load1 - load5) / 30
    const quantile = (base: number, noise: number) =>
      base * Math.exp(0.4 * traffic + 0.08 * slowness + noise * normal(rng))
    const rare = (share: number) => poisson(rng, requests * share) / requests
    return Float64Array.of(
      requests / 10,
      rare(0.002),
      quantile(20, 0.03),
      quantile(95, 0.06),
      quantile(240, 0.12),
      cpu,
      load1,
      load5,
      memory,
      16_000 * (1 - memory / 100) * Math.exp(0.005 * normal(rng)),
      62 + step / 5000,
      2 * Math.exp(0.5 * traffic + 0.2 * normal(rng)),
      4 * Math.exp(0.5 * traffic + 0.25 * normal(rng)),
      0,
      rare(0.0001),
      rare(0.0002),
      0.8 * (requests / 10) * (1 + 0.03 * normal(rng)),
    )
  }
}

/** Standard deviation of each transformed feature, or its floor. */
export function deviations(rows: readonly Float64Array[]): Float64Array {
  return Float64Array.from(hostFeatures, ({ transform: kind, floor }, i) => {
    const values = rows.map((row) => transform(kind, row[i]!))
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    return Math.max(floor, Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length))
  })
}

/** The vector with one feature moved by so many of its deviations, the bad way; `sign` where both are bad. */
export function perturbed(
  row: Float64Array,
  i: number,
  deviation: number,
  count: number,
  sign: number,
): Float64Array {
  const { transform: kind, direction } = hostFeatures[i]!
  const way = direction === 'both' ? sign : direction === 'high' ? 1 : -1
  return row.map((value, j) =>
    j === i ? inverse(kind, transform(kind, value) + way * count * deviation) : value,
  )
}
