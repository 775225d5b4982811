import { expect, test } from 'vitest'
import { objective } from './testing/rig.ts'
import { burningText, demandText, percentText, spanText } from './words.ts'

const HOUR = 3_600_000
const burning = { window: '1h', used: 0.23, runsOutMs: HOUR * 3 + 20 * 60_000, left: 0.5, nowMs: 0 } as const
const latency = objective({
  indicator: { kind: 'latency', thresholdMs: 300 },
  period: { kind: 'calendar', unit: 'month', startTime: '2026-01-01 00:00:00', zone: 'UTC' },
})

test.each([
  [
    burning,
    'checkout has used 23 % of its 30-day error budget in the last hour; at this rate it is gone in 3 h 20 min',
  ],
  [
    { ...burning, window: '3d', used: 0.0004, runsOutMs: undefined },
    'checkout has used less than 0.1 % of its 30-day error budget in the last three days; at this rate it lasts',
  ],
  [
    { ...burning, left: -0.1 },
    'checkout has used 23 % of its 30-day error budget in the last hour; the budget is used up',
  ],
] as const)('%j', (told, text) => {
  expect(burningText(objective(), told)).toBe(text)
})

test('latencies and calendar periods have their words', () => {
  expect(burningText(latency, burning)).toBe(
    'checkout has used 23 % of its monthly error budget for requests over 300 ms in the last hour; at this rate it is gone in 3 h 20 min',
  )
  expect(demandText(latency)).toBe(
    '99.9 % of the requests of checkout must take 300 ms at most within the month',
  )
  expect(demandText(objective({ target: 0.99995 }))).toBe(
    '99.995 % of the requests of checkout must succeed within 30 days',
  )
})

test.each([
  [0, '0 %'],
  [0.005, '0.5 %'],
  [0.999, '100 %'],
  [-3.5, '-350 %'],
])('%d is %s', (share, text) => expect(percentText(share)).toBe(text))

test.each([
  [30_000, 'less than a minute'],
  [12 * 60_000, '12 min'],
  [HOUR, '1 h'],
  [102 * HOUR, '4 d 6 h'],
])('%d ms are %s', (ms, text) => expect(spanText(ms)).toBe(text))
