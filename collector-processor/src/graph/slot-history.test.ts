import { expect, test } from 'vitest'
import { SlotHistory } from './slot-history.ts'
import { SlotSeries } from './slots.ts'

const CELLS = 1024

const slotsOf = (series: SlotSeries, owner: number) => {
  const found: number[] = []
  series.each(owner, (slot) => found.push(slot))
  return found
}
const fill = (series: SlotSeries, from: number, to: number) => {
  for (let slot = from; slot < to; slot++) for (const owner of [1, 2]) series.add(owner, slot, 0, 1)
}

test('keeps the newest eighth while memory is short, and counts what is lost for it', () => {
  const series = new SlotSeries(1, CELLS)
  const history = new SlotHistory([[series, CELLS]])
  fill(series, 0, 400)
  expect(history.dropped).toBe(0)

  history.shed(true)
  history.shed(true)
  expect(history.dropped).toBe(800 - CELLS / 8)
  expect(slotsOf(series, 1)).toEqual(Array.from({ length: 64 }, (_, i) => 399 - i))

  fill(series, 400, 410)
  expect(history.dropped).toBe(800 - CELLS / 8 + 20)
  expect(slotsOf(series, 2)).toHaveLength(64)
  series.add(1, 405, 0, 1)
  expect(series.totals(1, 405, 405, new Float64Array(1))).toBe(1)

  history.shed(false)
  fill(series, 410, 600)
  expect(slotsOf(series, 1)).toHaveLength(64 + 190)
  expect(history.dropped).toBe(800 - CELLS / 8 + 20)

  // What is lost in plenty is not for want of memory.
  fill(series, 600, 5000)
  expect(slotsOf(series, 1)).toHaveLength(CELLS / 2)
  expect(history.dropped).toBe(800 - CELLS / 8 + 20)
})

test('does not count slots that nobody needs any more', () => {
  const series = new SlotSeries(1, CELLS)
  const history = new SlotHistory([[series, CELLS]])
  fill(series, 0, 400)
  series.horizon = 350
  history.shed(true)
  expect(history.dropped).toBe(0)
  expect(slotsOf(series, 1)).toHaveLength(64)
})
