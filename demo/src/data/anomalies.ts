import type { AnomalyType } from '@adf/contract'
import { pick, type Random } from '../runtime/random.ts'

/** Rows [start, start + length) with one anomaly in some features. */
export interface Segment {
  readonly type: AnomalyType
  readonly start: number
  readonly length: number
  /** Features that move together in it. */
  readonly features: readonly string[]
}

const LENGTH: Readonly<Record<AnomalyType, number>> = { point: 1, contextual: 8, collective: 24 }

const TYPES: readonly AnomalyType[] = ['point', 'contextual', 'collective']

/** What breaks together. The groups of contextual ones follow the day, or there would be no context. */
const GROUPS: Readonly<Record<AnomalyType, readonly (readonly string[])[]>> = {
  point: [
    ['latency_p95', 'latency_p99'],
    ['error_rate'],
    ['disk_read_latency_ms', 'disk_write_latency_ms'],
    ['network_rx_error_rate', 'network_drop_rate'],
    ['cpu_usage_percent', 'cpu_load1'],
  ],
  contextual: [
    ['request_rate', 'network_throughput_mbps'],
    ['cpu_usage_percent', 'cpu_load1', 'cpu_load5'],
  ],
  collective: [
    ['latency_p50', 'latency_p95', 'latency_p99'],
    ['cpu_usage_percent', 'cpu_load1', 'cpu_load5'],
    ['request_rate', 'network_throughput_mbps'],
  ],
}

/** Clean rows around each anomaly, and the share of rows at the beginning that is clean: something to learn from. */
const GAP = 4
const CLEAN_START = 0.1
const MAX_TRIES = 2000

/**
 * Lays out anomalies until `rate` of all rows is labelled, a third of them of each type. Contextual ones go where the season
 * is low, so that a value of the day's height is odd there. Fewer come out where the rows leave no room.
 */
export function planAnomalies(
  rows: number,
  rate: number,
  season: (row: number) => number,
  random: Random,
): readonly Segment[] {
  const taken = new Uint8Array(rows)
  const first = Math.ceil(rows * CLEAN_START)
  const segments: Segment[] = []
  const free = (start: number, length: number) => {
    for (let row = Math.max(0, start - GAP); row < Math.min(rows, start + length + GAP); row++) {
      if (taken[row]) return false
    }
    return start + length <= rows
  }
  // The longest first: they need the most room.
  for (const type of TYPES.toReversed()) {
    let left = Math.round((rows * rate) / TYPES.length)
    for (let tries = 0; left > 0 && tries < MAX_TRIES * TYPES.length; tries++) {
      const length = Math.min(LENGTH[type], left)
      const start = first + Math.floor(random() * (rows - first))
      if (!free(start, length)) continue
      if (type === 'contextual' && season(start) > -0.4 && tries < MAX_TRIES) continue
      taken.fill(1, start, start + length)
      segments.push({ type, start, length, features: pick(random, GROUPS[type]) })
      left -= length
    }
  }
  return segments.toSorted((a, b) => a.start - b.start)
}
