import { describe, expect, test } from 'vitest'
import { sampleAnomaly as anomaly } from './sample.test-data.ts'
import { trackerHarness } from './tracker-harness.test-data.ts'

describe('opening', () => {
  test('takes anomalous vectors in a row, and the whole run joins', () => {
    const { see, joined, events } = trackerHarness()
    const first = anomaly('payment', 1)
    const second = anomaly('payment', 2)
    expect(see(first)).toBeNull()
    expect(see(second)).toBe('i1')
    expect(joined).toEqual([['i1', [first.id, second.id]]])

    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      kind: 'opened',
      incident: {
        state: 'open',
        anomaly_count: 2,
        services: ['payment'],
        blast_radius: ['caller of payment'],
      },
    })
    expect(events[0]?.incident.started_at).toBe('1970-01-01T00:00:01.000Z')
  })

  test('a normal vector between them starts the count again', () => {
    const { tracker, trouble, events } = trackerHarness()
    trouble('payment', 1)
    tracker.clear('service', 'payment/1')
    expect(trouble('payment', 2)).toEqual([null])
    expect(events).toEqual([])
    expect(trouble('payment', 3)).toEqual(['i1'])
  })

  test('a normal vector of the same entity in another stream does not', () => {
    const { tracker, trouble } = trackerHarness()
    trouble('payment', 1)
    tracker.clear('host', 'payment/1')
    expect(trouble('payment', 2)).toEqual(['i1'])
  })

  test('an entity that fell silent in between does not have its vectors in a row', () => {
    const { trouble } = trackerHarness()
    expect(trouble('payment', 1, 200, 201)).toEqual([null, null, 'i1'])
  })

  test('with open_after 1 the first anomaly opens', () => {
    expect(trackerHarness({ openAfter: 1 }).trouble('payment', 1)).toEqual(['i1'])
  })

  test('is refused past max_open, is counted, and succeeds once there is room', () => {
    const h = trackerHarness({ maxOpen: 1 })
    h.trouble('a', 1, 2)
    expect(h.trouble('b', 3, 4)).toEqual([null, null])
    expect(h.left).toEqual(['too_many_open'])
    h.at(122)
    expect(h.trouble('b', 123)).toEqual(['i2'])
  })
})

describe('resolving', () => {
  test('comes after the quiet time, and is final', () => {
    const h = trackerHarness()
    h.trouble('payment', 1, 2)
    h.at(121)
    expect(h.tracker.openCount).toBe(1)
    h.at(122)
    expect(h.events.at(-1)).toMatchObject({ kind: 'resolved', incident: { id: 'i1', state: 'resolved' } })
    expect(h.last()?.resolved_at).toBe('1970-01-01T00:02:02.000Z')
    expect(h.trouble('payment', 123, 124)).toEqual([null, 'i2'])
  })

  test('frees its entities', () => {
    const h = trackerHarness()
    h.trouble('payment', 1)
    expect(h.tracker.holds('payment/1')).toBe(false)
    h.trouble('payment', 2)
    expect(h.tracker.holds('payment/1')).toBe(true)
    h.at(122)
    expect(h.tracker.holds('payment/1')).toBe(false)
  })

  test('each anomaly puts it off', () => {
    const h = trackerHarness()
    h.trouble('payment', 1, 2, 100)
    h.at(219)
    expect(h.tracker.openCount).toBe(1)
    h.at(220)
    expect(h.tracker.openCount).toBe(0)
  })
})

describe('updates', () => {
  test('are told at most once a second, and only when something changed', () => {
    const h = trackerHarness()
    h.trouble('payment', 1, 2)
    h.at(4)
    h.at(5)
    h.only('payment', 5.1, 5.2, 5.3)
    h.at(5.4)
    h.at(6)
    h.at(7)
    expect(h.kinds()).toEqual(['opened i1', 'updated i1', 'updated i1'])
    expect(h.last()).toMatchObject({ anomaly_count: 5, updated_at: '1970-01-01T00:00:05.400Z' })
  })

  test('carry the verdict', () => {
    const h = trackerHarness()
    h.trouble('payment', 1, 2)
    h.tracker.judged('i1', 'true_positive')
    h.at(4)
    expect(h.last()?.verdict).toBe('true_positive')
  })

  test('past max_anomalies an incident only counts', () => {
    const h = trackerHarness({ maxAnomalies: 3 })
    expect(h.trouble('payment', 1, 2, 3, 4, 5)).toEqual([null, 'i1', 'i1', null, null])
    expect(h.left).toEqual(['incident_full', 'incident_full'])
    expect(h.tracker.open()).toMatchObject([{ anomaly_count: 5 }])
  })
})

test('an open incident goes on after a restart', () => {
  const before = trackerHarness()
  const anomalies = [anomaly('payment', 1), anomaly('payment', 2)]
  for (const a of anomalies) before.see(a)
  const stored = before.tracker.open()[0]
  if (stored === undefined) throw new Error('no incident')

  const h = trackerHarness()
  h.at(30)
  h.tracker.restore(stored, anomalies)
  expect(h.tracker.open()).toEqual([stored])
  expect(h.trouble('payment', 31)).toEqual(['i1'])
  h.at(32)
  expect(h.last()).toMatchObject({ id: 'i1', anomaly_count: 3, started_at: stored.started_at })
  h.at(151)
  expect(h.events.at(-1)).toMatchObject({ kind: 'resolved', incident: { id: 'i1' } })
})

test('what came to an incident after it was last stored counts after a restart', () => {
  const before = trackerHarness()
  const anomalies = [anomaly('payment', 1), anomaly('payment', 2), anomaly('payment', 2.5)]
  for (const a of anomalies.slice(0, 2)) before.see(a)
  const stored = before.tracker.open()[0]
  if (stored === undefined) throw new Error('no incident')

  const h = trackerHarness()
  h.at(30)
  h.tracker.restore(stored, anomalies)
  h.at(31)
  expect(h.last()).toMatchObject({ id: 'i1', anomaly_count: 3 })
  // The one that is found again is no other.
  h.see(anomalies.at(-1) ?? anomaly('payment', 2.5))
  h.at(33)
  expect(h.tracker.open()).toMatchObject([{ anomaly_count: 3 }])
})

test('what follows a run joins its incident, whether or not a tick came in between', () => {
  for (const ticks of [false, true]) {
    const h = trackerHarness()
    h.only('payment', 1, 2)
    if (ticks) h.at(2.1)
    const { stream, entity } = anomaly('payment', 2)
    h.tracker.clear(stream, entity.id)
    h.only('payment', 2.5)
    h.at(4)
    expect(h.tracker.open()).toMatchObject([{ anomaly_count: 3 }])
  }
})
