import { type EvidenceWindow, NO_QUIET_EDGES } from '@adf/processor'
import type { MetricSeries } from './peers/baro.ts'
import type { MetricTable, Scenario } from './petshop-set.ts'

/** Rows of a table, from … to-1. */
export interface Rows {
  readonly table: MetricTable
  readonly from: number
  readonly to: number
}

const PERIOD_MS = 300_000

/**
 * What the ranking reads of a scenario: services known from their metrics alone (requests, latency and availability each
 * five minutes) and who calls whom.
 */
export function evidenceOf(calls: Scenario['calls'], window: Rows, history: Rows): EvidenceWindow {
  const read = (service: string, column: string, as: (value: number) => number = (value) => value) => ({
    window: columnOf(window, `${service}|${column}`).map(as),
    history: columnOf(history, `${service}|${column}`).map(as),
  })
  const empty = {
    window: new Float64Array(window.to - window.from).fill(Number.NaN),
    history: new Float64Array(history.to - history.from).fill(Number.NaN),
  }
  const nodes: EvidenceWindow['nodes'] = servicesOf(window.table).map((id) => ({
    id,
    virtual: false,
    requests: read(id, 'requests|Sum'),
    requestRate: read(id, 'requests|Sum', (sum) => (1000 * sum) / PERIOD_MS),
    usualRate: false,
    latencyMs: read(id, 'latency|Average', (seconds) => seconds * 1000),
    failed: read(id, 'availability|Average', (percent) => 1 - percent / 100),
    spansPerRequest: empty,
    blind: true,
    operations: [],
  }))
  return {
    nodes,
    edges: calls.map(({ client, server }) => ({
      client,
      server,
      connection: 'call',
      calls: empty,
      clientRequests: empty,
      callsPerRequest: empty,
      failures: empty,
      unexplained: empty,
      gapMs: empty,
      unanswered: empty,
    })),
    quiet: NO_QUIET_EDGES,
    windowSlots: Float64Array.from(window.table.timesMs.slice(window.from, window.to)),
    slotMs: PERIOD_MS,
    waitedMs: Math.max(
      0,
      ...nodes.map(({ requests, latencyMs }) => waited(requests.window, latencyMs.window)),
    ),
    placements: [],
    changes: [],
  }
}

/** Requests times what each took, where both are known. */
function waited(requests: Float64Array, latencyMs: Float64Array): number {
  return requests.reduce((sum, count, slot) => sum + (count * (latencyMs[slot] ?? 0) || 0), 0)
}

/** The same for BARO: every metric of every service; availability as its opposite, so that more is worse. */
export function metricSeriesOf(window: Rows, history: Rows): MetricSeries[] {
  return [...window.table.columns.keys()].map((key) => {
    const [service = '', metric] = key.split('|')
    const worse = (value: number) => (metric === 'availability' ? 100 - value : value)
    return {
      service,
      before: Array.from(columnOf(history, key), worse),
      after: Array.from(columnOf(window, key), worse),
    }
  })
}

function servicesOf({ columns }: MetricTable): string[] {
  return [...new Set([...columns.keys()].map((key) => key.split('|')[0] ?? ''))]
}

function columnOf({ table, from, to }: Rows, key: string): Float64Array {
  return table.columns.get(key)?.slice(from, to) ?? new Float64Array(to - from).fill(Number.NaN)
}
