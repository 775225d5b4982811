import { expect, test } from 'vitest'
import { scoreColumns } from './score-columns.ts'

const history = {
  stream: 'service',
  entity_id: 'shop/payment/1',
  from: '2026-03-01T03:00:00Z',
  interval_s: 60,
  severities: [0.1, null, 0.8, 1.2],
}
const start = Date.parse(history.from)

test('what reaches the threshold is told apart, and a minute without a score stays a gap', () => {
  expect(scoreColumns(history, 0.8, 100)).toEqual({
    times: [0, 1, 2, 3].map((minute) => start + 60_000 * minute),
    severities: [0.1, null, 0.8, 1.2],
    thresholds: [0.8, 0.8, 0.8, 0.8],
    over: [null, null, 0.8, 1.2],
  })
})

test('of many minutes the largest is drawn', () => {
  expect(scoreColumns(history, 0.8, 2).severities).toEqual([0.1, 1.2])
})
