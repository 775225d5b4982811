import { expect, test } from 'vitest'
import { pointsOf, sinceScored, timesReached } from './severities.ts'

const history = {
  stream: 'service',
  entity_id: 'shop/payment',
  from: '2026-03-01T03:00:00.000Z',
  interval_s: 60,
  severities: [0.1, 0.9, null, 1.2, 0.2, null, null, 0.8],
}
const minute = (count: number) => Date.parse(history.from) + count * 60_000

test('a point is the largest of its minutes, and nothing where nothing was scored', () => {
  expect(pointsOf(history, 4)).toEqual([
    { at: minute(0), severity: 0.9 },
    { at: minute(2), severity: 1.2 },
    { at: minute(4), severity: 0.2 },
    { at: minute(6), severity: 0.8 },
  ])
  expect(pointsOf({ ...history, severities: [null, null, 1] }, 2).map(({ severity }) => severity)).toEqual([
    null,
    1,
  ])
  expect(pointsOf(history, 100)).toHaveLength(8)
  expect(pointsOf({ ...history, severities: [] }, 10)).toEqual([])
})

test.each([
  [0, 1],
  [0.5, 2],
  [0.85, 1],
  [1.2, 1],
  [1.21, 0],
])('a threshold of %d is reached %d times', (threshold, times) => {
  expect(timesReached(history, threshold)).toBe(times)
})

test('the time before the first score is left out, but for an hour', () => {
  const long = {
    ...history,
    severities: [...new Array<null>(100).fill(null), 0.5, ...new Array<number>(80).fill(0.1)],
  }
  expect(sinceScored(long)).toEqual({
    ...history,
    from: new Date(minute(100)).toISOString(),
    severities: long.severities.slice(100),
  })
  expect(sinceScored({ ...long, severities: long.severities.slice(0, 110) }).severities).toHaveLength(60)
  expect(sinceScored({ ...long, severities: new Array<null>(90).fill(null) }).severities).toHaveLength(60)
  expect(sinceScored(history)).toEqual(history)
})
