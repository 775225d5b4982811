import { expect, test } from 'vitest'
import { Progress } from './progress.ts'

test('what was taken is settled once it is old enough, and not before', () => {
  const progress = new Progress(10)
  progress.take(10, 1000)
  progress.take(11, 2000)
  expect(progress.taken).toBe(12)
  expect(progress.settled(2000, 1000)).toBe(10)
  expect(progress.settled(2100, 1000)).toBe(11)
  expect(progress.settled(3100, 1000)).toBe(12)
  progress.commit(11)
  expect([progress.committed, progress.settled(2100, 1000), progress.settled(3100, 1000)]).toEqual([
    11, 11, 12,
  ])
})

test('messages that come close together settle with the last of them', () => {
  const progress = new Progress(0)
  for (let offset = 0; offset < 50; offset++) progress.take(offset, 1000 + offset)
  expect(progress.settled(1099, 0)).toBe(0)
  expect(progress.settled(1100, 0)).toBe(50)
})

test('nothing from a message on that was put aside settles until it is where it belongs', () => {
  const progress = new Progress(0)
  progress.take(0, 0)
  progress.putAside(1)
  progress.take(1, 1000)
  progress.take(2, 2000)
  expect(progress.settled(9000, 0)).toBe(1)
  progress.arrived(1)
  expect(progress.settled(9000, 0)).toBe(3)
})

test('however long nothing is committed, its memory is bounded and it still settles in time', () => {
  const progress = new Progress(0)
  for (let offset = 0; offset < 100_000; offset++) progress.take(offset, offset * 1000)
  const settled = progress.settled(100_000_000, 50_000_000)
  expect(settled).toBeLessThanOrEqual(50_001)
  expect(settled).toBeGreaterThan(40_000)
})
