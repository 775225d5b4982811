import { HOST_FEATURES } from '@adf/contract'
import { AT } from '../builtin-streams.ts'
import { type Bucket, bucketQuantiles } from './histogram.ts'
import type { Quantity } from './instruments.ts'
import type { Series } from './series.ts'

/** Requests as a metric tells them; rates per second, buckets in ms. */
export interface RequestMetric {
  readonly rate: number
  readonly failures: number
  readonly buckets: readonly Bucket[]
}

/** What one collection of one source says. `host` has the order of the stream `host`, its request features NaN. */
export interface Collected {
  readonly host: Float64Array
  readonly requests: RequestMetric | undefined
}

interface Sum {
  value: number
  series: number
  broken: boolean
}

const MEGA = 1e6

/** Puts the series of one collection together. What is not there, or not known, is NaN. */
export function collect(series: Iterable<Series>): Collected {
  const fresh = [...series].filter((one) => one.fresh)
  const sums = sum(fresh)
  const of = (quantity: Quantity) => {
    const found = sums.get(quantity)
    return found === undefined || found.broken ? Number.NaN : found.value
  }
  const mean = (quantity: Quantity) => of(quantity) / (sums.get(quantity)?.series ?? 1)
  const host = new Float64Array(HOST_FEATURES.length).fill(Number.NaN)
  const put = (at: number, value: number) => {
    if (Number.isFinite(value)) host[at] = value
  }
  put(AT.cpu_usage_percent, cpuUsage(sums, of))
  put(AT.cpu_load1, mean('load1'))
  put(AT.cpu_load5, mean('load5'))
  const memoryShare = mean('memory_used_share')
  const memory = of('memory_used')
  put(
    AT.memory_usage_percent,
    100 * (Number.isNaN(memoryShare) ? memory / (memory + of('memory_other')) : memoryShare),
  )
  put(AT.memory_available_mb, mean('memory_available') / MEGA)
  put(AT.disk_usage_percent, fullest(fresh))
  put(AT.disk_read_latency_ms, (1000 * of('disk_read_time')) / of('disk_reads'))
  put(AT.disk_write_latency_ms, (1000 * of('disk_write_time')) / of('disk_writes'))
  const sent = of('network_tx_packets')
  const received = of('network_rx_packets')
  put(AT.network_tx_error_rate, of('network_tx_errors') / sent)
  put(AT.network_rx_error_rate, of('network_rx_errors') / received)
  put(AT.network_drop_rate, of('network_drops') / (sent + received))
  put(AT.network_throughput_mbps, (8 * of('network_bytes')) / MEGA)
  return { host, requests: requests(fresh, 'http') ?? requests(fresh, 'http_old') }
}

function sum(series: readonly Series[]): Map<Quantity, Sum> {
  const sums = new Map<Quantity, Sum>()
  for (const { role, rate, broken } of series) {
    if (Number.isNaN(rate) && !broken) continue
    const found = sums.get(role.quantity) ?? { value: 0, series: 0, broken: false }
    sums.set(role.quantity, found)
    found.broken ||= broken
    found.series++
    if (!broken) found.value += rate
  }
  return sums
}

function cpuUsage(sums: ReadonlyMap<Quantity, Sum>, of: (quantity: Quantity) => number): number {
  const idleShare = sums.get('cpu_idle_share')
  if (idleShare !== undefined) {
    const wait = sums.get('cpu_wait_share')?.value ?? 0
    return 100 * (1 - (idleShare.value + wait) / idleShare.series)
  }
  const busy = of('cpu_busy_time')
  return (100 * busy) / (busy + of('cpu_idle_time'))
}

/** The largest share in use of any file system: one that is full is what stops a service. In percent. */
function fullest(series: readonly Series[]): number {
  const systems = new Map<string, { share: number; used: number; free: number }>()
  for (const { role, rate } of series) {
    if (role.filesystem === undefined || Number.isNaN(rate)) continue
    let system = systems.get(role.filesystem)
    if (system === undefined) {
      system = { share: Number.NaN, used: Number.NaN, free: Number.NaN }
      systems.set(role.filesystem, system)
    }
    if (role.quantity === 'filesystem_used_share') system.share = rate
    else if (role.quantity === 'filesystem_used') system.used = rate
    else system.free = rate
  }
  let largest = Number.NaN
  for (const { share, used, free } of systems.values()) {
    const value = 100 * (Number.isNaN(share) ? used / (used + free) : share)
    if (!(value <= largest) && Number.isFinite(value)) largest = value
  }
  return largest
}

function requests(fresh: readonly Series[], quantity: Quantity): RequestMetric | undefined {
  const known = fresh.filter((one) => one.role.quantity === quantity)
  // While one route is unknown after a reset, so is the whole.
  if (known.some((one) => one.broken) || known.every((one) => Number.isNaN(one.rate))) return undefined
  let rate = 0
  let failures = 0
  const buckets: Bucket[] = []
  for (const one of known) {
    if (Number.isNaN(one.rate)) continue
    rate += one.rate
    if (one.role.failed) failures += one.rate
    for (const bucket of one.buckets) buckets.push(bucket)
  }
  return { rate, failures, buckets }
}

/** Writes the five request features into a vector of the stream `host` or `service`. */
export function putRequests(parts: readonly RequestMetric[], values: Float64Array): void {
  if (parts.length === 0) return
  const rate = parts.reduce((total, part) => total + part.rate, 0)
  values[AT.request_rate] = rate
  if (!(rate > 0)) return
  values[AT.error_rate] = parts.reduce((total, part) => total + part.failures, 0) / rate
  const [p50, p95, p99] = bucketQuantiles(
    parts.flatMap((part) => part.buckets),
    [0.5, 0.95, 0.99],
  )
  values[AT.latency_p50] = p50 ?? Number.NaN
  values[AT.latency_p95] = p95 ?? Number.NaN
  values[AT.latency_p99] = p99 ?? Number.NaN
}
