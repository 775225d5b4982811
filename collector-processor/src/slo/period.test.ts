import { expect, test } from 'vitest'
import { bounds, type Period } from './period.ts'

const at = (text: string) => Date.parse(text)
const calendar = (unit: 'day' | 'week' | 'month' | 'quarter', startTime: string, zone: string): Period => ({
  kind: 'calendar',
  unit,
  startTime,
  zone,
})
const shown = (period: Period, now: string) => {
  const { fromMs, toMs } = bounds(period, at(now))
  return [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
}

test('a rolling period ends now', () => {
  expect(shown({ kind: 'rolling', days: 30 }, '2026-03-31T10:00:00Z')).toEqual([
    '2026-03-01T10:00:00.000Z',
    '2026-03-31T10:00:00.000Z',
  ])
})

test.each([
  [
    'month',
    '2026-01-01 00:00:00',
    'UTC',
    '2026-03-01T00:00:00Z',
    '2026-03-01T00:00:00',
    '2026-04-01T00:00:00',
  ],
  [
    'month',
    '2026-01-01 00:00:00',
    'UTC',
    '2026-02-28T23:59:59Z',
    '2026-02-01T00:00:00',
    '2026-03-01T00:00:00',
  ],
  // A month that begins on the 31st begins on the last day of shorter ones.
  [
    'month',
    '2026-01-31 00:00:00',
    'UTC',
    '2026-03-02T00:00:00Z',
    '2026-02-28T00:00:00',
    '2026-03-31T00:00:00',
  ],
  // Summer time begins on March 29: the day before is 24 hours long, that one 23.
  [
    'day',
    '2026-01-01 00:00:00',
    'Europe/Oslo',
    '2026-03-29T12:00:00Z',
    '2026-03-28T23:00:00',
    '2026-03-29T22:00:00',
  ],
  [
    'week',
    '2026-01-05 09:00:00',
    'America/New_York',
    '2026-07-06T12:59:00Z',
    '2026-06-29T13:00:00',
    '2026-07-06T13:00:00',
  ],
  // A first period that lies ahead counts backwards.
  [
    'quarter',
    '2027-01-01 00:00:00',
    'UTC',
    '2026-05-05T00:00:00Z',
    '2026-04-01T00:00:00',
    '2026-07-01T00:00:00',
  ],
] as const)('a calendar %s from %s in %s holds %s', (unit, start, zone, now, from, to) => {
  expect(shown(calendar(unit, start, zone), now)).toEqual([`${from}.000Z`, `${to}.000Z`])
})
