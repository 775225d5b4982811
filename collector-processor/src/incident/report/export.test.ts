import { expect, test } from 'vitest'
import { sampleAnomaly } from '../sample.test-data.ts'
import { exportOf } from './export.ts'
import { sampleExport } from './sample.test-data.ts'

const { incident, verdicts } = sampleExport()
const edge = (client: string, server: string) => ({
  client,
  server,
  connection: 'call' as const,
  calls: 1,
  failures: 0,
  rate: 1,
  error_rate: 0,
  client_latency: null,
  server_latency: null,
  gap_ms: null,
  last_seen: incident.opened_at,
})
const graph = {
  at: incident.opened_at,
  nodes: [],
  placements: [],
  changes: [],
  clocks: [],
  edges: [edge('checkout', 'payment'), edge('frontend', 'checkout'), edge('frontend', 'ads')],
}
const startS = Date.parse(incident.started_at) / 1000
const parts = { incident, history: [], anomalies: [], verdicts: [], graph, nowMs: 0 }

test('the timeline has changes, firsts, history, verdicts and the end, in the order of time', () => {
  const anomalies = [
    sampleAnomaly('checkout', startS + 3),
    sampleAnomaly('payment', startS),
    sampleAnomaly('payment', startS + 1),
  ]
  const history = [
    { at: incident.updated_at, kind: 'cause' as const, subject: 'payment', text: 'payment first' },
  ]
  const { timeline } = exportOf({ ...parts, anomalies, history, verdicts })
  expect(timeline.map(({ kind, subject }) => [kind, subject])).toEqual([
    ['change', 'payment'],
    ['anomaly', 'payment'],
    ['opened', null],
    ['anomaly', 'checkout'],
    ['verdict', 'ada'],
    ['cause', 'payment'],
    ['resolved', null],
  ])
  expect(timeline.find(({ kind }) => kind === 'verdict')?.text).toBe(
    'ada says: useful; the cause was payment',
  )
})

test('calls are those among the services of the incident', () => {
  expect(exportOf(parts).calls).toEqual([
    { client: 'checkout', server: 'payment' },
    { client: 'frontend', server: 'checkout' },
  ])
})

test('of many anomalies it has the first of each entity and the strongest, in order, and counts the others', () => {
  const many = Array.from({ length: 900 }, (_, n) =>
    sampleAnomaly(n === 700 ? 'late' : 'payment', startS + n, { score: n === 700 ? 0.1 : 0.2 + n / 2000 }),
  )
  const { anomalies, anomalies_left_out } = exportOf({
    ...parts,
    incident: { ...incident, anomaly_count: 1000 },
    anomalies: many.toReversed(),
  })
  expect(anomalies).toHaveLength(500)
  expect(anomalies_left_out).toBe(500)
  expect(anomalies[0]?.id).toBe(many[0]?.id)
  expect(anomalies.map(({ id }) => id)).toContain(many[700]?.id)
  expect(anomalies.map(({ time }) => time)).toEqual(anomalies.map(({ time }) => time).toSorted())
})
