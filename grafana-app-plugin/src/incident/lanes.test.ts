import { IncidentExport } from '@adf/contract'
import incidentExport from '@adf/contract/golden/incident-export.json'
import { expect, test } from 'vitest'
import { timelineOf } from './lanes.ts'

const example = IncidentExport.parse(incidentExport)
const start = Date.parse(example.incident.started_at)
const [anomaly] = example.anomalies
if (anomaly === undefined) throw new Error('the example has an anomaly')
const at = (seconds: number, service: string) => ({
  ...anomaly,
  entity: { ...anomaly.entity, service },
  time: new Date(start + 1000 * seconds).toISOString(),
})

test('the incident comes first, then services in the order of their trouble', () => {
  const anomalies = [at(20, 'frontend'), at(0, 'payment'), at(5, 'payment'), at(60, 'payment')]
  const { lanes } = timelineOf({ ...example, timeline: example.timeline.slice(1), anomalies }, start)
  expect(lanes.map(({ subject }) => subject)).toEqual([null, 'shop/payment', 'shop/frontend'])
  expect(lanes[0]?.marks.map(({ kind }) => kind)).toEqual(['opened'])
  expect(lanes[1]?.spans).toEqual([
    { from: start, to: start + 5000 },
    { from: start + 60_000, to: start + 60_000 },
  ])
})

test('everything lies within the axis, which has room on both sides', () => {
  const now = start + 600_000
  const { from, to, lanes } = timelineOf(example, now)
  expect(from).toBeLessThan(start)
  expect(to).toBeGreaterThan(now)
  for (const { marks, spans } of lanes) {
    for (const mark of marks) expect(mark.at >= from && mark.at <= to).toBe(true)
    for (const span of spans) expect(span.from >= from && span.to <= to).toBe(true)
  }
})

test('a clock of the reader that is an hour behind does not turn the axis around', () => {
  const { from, to } = timelineOf(example, start - 3_600_000)
  expect(to).toBeGreaterThan(from)
  expect(from).toBeGreaterThan(start - 120_000)
})
