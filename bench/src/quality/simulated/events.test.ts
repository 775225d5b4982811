import { expect, it } from 'vitest'
import { countEvents, measuresOf, sumOf } from './events.ts'

const row = (text: string) => Uint8Array.from(text, (each) => (each === '1' ? 1 : 0))

it('counts whole anomalies and whole alerts', () => {
  const labels = row('0011000001000000')
  const flags = row('0001010000000011')
  const strict = countEvents(labels, flags, { gap: 0, beside: 0 })
  expect(strict).toEqual({ events: 2, found: 1, alerts: 3, right: 1 })
  // Rows 3 and 5 are one alert; the last one begins five rows after the second anomaly.
  expect(countEvents(labels, flags, { gap: 1, beside: 0 })).toEqual({
    events: 2,
    found: 1,
    alerts: 2,
    right: 1,
  })
  expect(countEvents(labels, flags, { gap: 1, beside: 4 }).right).toBe(1)
  expect(countEvents(labels, flags, { gap: 1, beside: 5 }).right).toBe(2)
})

it('gives precision by alerts and recall by anomalies, of several together', () => {
  const counts = sumOf([
    { events: 2, found: 1, alerts: 4, right: 1 },
    { events: 2, found: 2, alerts: 2, right: 2 },
  ])
  expect(measuresOf(counts)).toEqual({ events: 4, alerts: 6, precision: 0.5, recall: 0.75, f1: 0.6 })
  expect(measuresOf({ events: 0, found: 0, alerts: 0, right: 0 })).toMatchObject({
    precision: 0,
    recall: 0,
    f1: 0,
  })
})
