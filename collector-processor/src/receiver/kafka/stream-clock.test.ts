import { expect, test } from 'vitest'
import { StreamClock } from './stream-clock.ts'

const START = 1_700_000_000_000

function at(wall: { ms: number }) {
  return new StreamClock(() => wall.ms, 60_000)
}

test('before anything is read it is as far behind as it may be, and goes on from the first message', () => {
  const wall = { ms: START }
  const clock = at(wall)
  expect(clock.now()).toBe(START - 60_000)
  expect(clock.reach(START - 20_000)).toBe(START - 20_000)
  wall.ms += 5000
  expect(clock.now()).toBe(START - 20_000)
  expect(clock.delayMs).toBe(25_000)
})

test('caught up it is the wall clock, and stands when it falls behind', () => {
  const wall = { ms: START }
  const clock = at(wall)
  clock.catchUp()
  expect(clock.now()).toBe(START)
  clock.fallBehind()
  wall.ms += 10_000
  expect(clock.now()).toBe(START)
  expect(clock.reach(START + 4000)).toBe(START + 4000)
})

test('it never goes back, is never ahead of the wall clock, and never too far behind it', () => {
  const wall = { ms: START }
  const clock = at(wall)
  expect(clock.reach(START + 99_000)).toBe(START)
  expect(clock.reach(START - 30_000)).toBe(START)
  clock.fallBehind()
  wall.ms += 100_000
  expect(clock.now()).toBe(START + 40_000)
  expect(clock.reach(0)).toBe(START + 40_000)
  wall.ms -= 90_000
  expect(clock.now()).toBe(START + 40_000)
})
