import type { Entity } from '@adf/contract'
import type { FeatureSpec } from '../scoring/vector.ts'

/** One feature of an entity's latest vector; `missing` says why there is no value, and what would give one. */
export interface FeatureReport {
  readonly name: string
  readonly unit: string
  readonly value: number | null
  readonly missing: string | null
}

/** What `GET /api/entities` and `adf doctor` say of one entity. */
export interface EntityReport {
  readonly entity: Entity
  /** Arrival of its last telemetry. */
  readonly lastSeenMs: number
  readonly streams: readonly {
    readonly stream: string
    /** Event time of the latest vector; undefined before the first. */
    readonly timeMs: number | undefined
    readonly features: readonly FeatureReport[]
  }[]
  /** Which metrics came, by which attribute names, in which temporality. */
  readonly dialects: readonly string[]
  /** How long its windows wait for late telemetry; undefined without spans and logs. */
  readonly delayMs: number | undefined
  /** How far its clock is ahead (negative: behind), 0 when nothing shows it. */
  readonly skewMs: number
  /** What is wrong and what to do about it; undefined when nothing is. */
  readonly problem: string | undefined
}

const NEEDS: Readonly<Record<string, readonly string[]>> = {
  cpu_usage_percent: ['system.cpu.utilization', 'system.cpu.time'],
  cpu_load1: ['system.cpu.load_average.1m'],
  cpu_load5: ['system.cpu.load_average.5m'],
  memory_usage_percent: ['system.memory.utilization', 'system.memory.usage'],
  memory_available_mb: ['system.memory.linux.available', 'system.linux.memory.available'],
  disk_usage_percent: ['system.filesystem.utilization', 'system.filesystem.usage'],
  disk_read_latency_ms: ['system.disk.operation_time', 'system.disk.operations'],
  disk_write_latency_ms: ['system.disk.operation_time', 'system.disk.operations'],
  network_tx_error_rate: ['system.network.errors', 'system.network.packets'],
  network_rx_error_rate: ['system.network.errors', 'system.network.packets'],
  network_drop_rate: ['system.network.dropped', 'system.network.packets'],
  network_throughput_mbps: ['system.network.io'],
}
/** Features that are a ratio of two metrics: one alone is not enough. */
const BOTH = new Set(Object.keys(NEEDS).filter((name) => /^(disk_.*latency|network_.*rate)/.test(name)))
const REQUESTS = ['http.server.request.duration', 'http.server.duration']

export interface Seen {
  readonly dialects: ReadonlySet<string>
  readonly spans: boolean
  readonly requests: boolean
  readonly logs: boolean
}

/** The features of a vector as they are reported; `source` maps a feature to the standard one that it is made of. */
export function reportFeatures(
  features: readonly FeatureSpec[],
  values: Float64Array | undefined,
  explain: (feature: string) => string,
): FeatureReport[] {
  return features.map(({ name, unit }, at) => {
    const value = values?.[at]
    return value === undefined || Number.isNaN(value)
      ? { name, unit, value: null, missing: explain(name) }
      : { name, unit, value, missing: null }
  })
}

/** Why a standard feature has no value. */
export function whyMissing(feature: string, kind: 'service' | 'host', seen: Seen): string {
  if (feature.startsWith('log_'))
    return seen.logs
      ? feature === 'log_novelty'
        ? 'no log record in the window, or thirty windows of them have not been learned yet'
        : 'waiting for a whole window of log records'
      : `no log records arrived from this ${kind}`
  const needed = NEEDS[feature]
  const metrics = needed ?? REQUESTS
  const came = metrics.filter((name) => [...seen.dialects].some((one) => one.startsWith(`${name} `)))
  if (needed === undefined) return whyNoRequests(kind, seen, came)
  if (BOTH.has(feature) && came.length > 0 && came.length < metrics.length)
    return `${metrics.filter((name) => !came.includes(name)).join(', ')} is missing: it takes ${metrics.join(' and ')}`
  if (came.length > 0)
    return `${came.join(', ')} came, but has no value now: a rate needs two collections, and nothing to divide by is no value`
  return `no ${metrics.join(BOTH.has(feature) ? ' and ' : ' or ')} arrived from this ${kind}`
}

function whyNoRequests(kind: 'service' | 'host', seen: Seen, came: readonly string[]): string {
  if (kind === 'host') return 'a host serves no requests itself: see its services'
  if (seen.requests) return 'no request in the window, or a whole window has not passed yet'
  if (came.length > 0) return `${came.join(', ')} came, but no requests were counted between two collections`
  return seen.spans
    ? 'its spans are neither SERVER nor CONSUMER, and no http.server.request.duration arrived'
    : 'no SERVER or CONSUMER spans and no http.server.request.duration arrived from this service'
}

const AHEAD_MS = 1000

/** How far a clock is off, from the smallest delay seen lately (NaN: none). */
export function clockSkew(smallestMs: number, maxLatenessMs: number): number {
  return smallestMs < -AHEAD_MS || smallestMs > maxLatenessMs ? -smallestMs : 0
}

export function clockProblem(skewMs: number, maxLatenessMs: number, maxSkewMs: number): string | undefined {
  if (skewMs === 0) return undefined
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  if (skewMs < 0)
    return `its telemetry is ${seconds} s old when it arrives: its clock is behind or it is delayed. Older than ${maxLatenessMs / 1000} s is not waited for: set its clock, or raise edge.max_lateness`
  return skewMs > maxSkewMs
    ? `its clock is ${seconds} s ahead, more than receiver.max_clock_skew: it is not scored. Set its clock`
    : `its clock is ${seconds} s ahead: its windows follow its own clock. Set its clock`
}
