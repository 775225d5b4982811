import { type Round, RoundPage } from '@adf/contract/federation'
import golden from '@adf/contract/golden/federation/round-page.json'
import { expect, test } from 'vitest'
import { seriesOf } from './series.ts'

const [example] = RoundPage.parse(golden).items
if (example === undefined) throw new Error('the golden page is empty')
const round = (number: number, fields: Partial<Round>): Round => ({ ...example, round: number, ...fields })

test('rounds become columns, oldest first, without the one that is open', () => {
  const series = seriesOf([
    round(3, { state: 'COLLECTING', closed_at: null }),
    round(2, {
      opened_at: '2026-03-01T03:02:00Z',
      closed_at: '2026-03-01T03:02:30Z',
      loss: null,
      bytes: { up: 7, down: 9 },
    }),
    round(1, { opened_at: '2026-03-01T03:00:00Z', closed_at: '2026-03-01T03:01:00Z', used: 4 }),
  ])
  expect(series).toMatchObject({
    times: [Date.parse('2026-03-01T03:01:00Z'), Date.parse('2026-03-01T03:02:30Z')],
    loss: [0.412, null],
    used: [4, 4],
    up: [143210, 7],
    duration: [60_000, 30_000],
  })
})

test('a clock that went back makes no negative duration', () => {
  const early = round(1, { opened_at: '2026-03-01T03:01:00Z', closed_at: '2026-03-01T03:00:00Z' })
  expect(seriesOf([early]).duration).toEqual([0])
})

test('of no rounds there is nothing to draw', () => {
  expect(seriesOf([]).times).toEqual([])
})
