import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

const MIB = 2 ** 20

function paced() {
  const time = { nowMs: 0, busy: 1 }
  const pace = new Pace(2000, { now: () => time.nowMs, busy: () => time.busy })
  /** To a byte: rates are fractions. */
  const after = (ms: number, handled: number, busy = 1) => {
    time.nowMs += ms
    time.busy = busy
    pace.handled(handled)
    return Math.round(pace.room())
  }
  return { pace, after }
}

test('while the thread is at work all the time, what it handles in two seconds is the room', () => {
  const { after } = paced()
  expect(after(100, 10 * MIB)).toBe(Number.POSITIVE_INFINITY)
  expect(after(150, 15 * MIB)).toBe(200 * MIB)
  // Half of the pace, and a quarter of a second later three quarters are believed.
  expect(after(250, 12.5 * MIB)).toBe(150 * MIB)
  expect(after(250, 12.5 * MIB)).toBe(125 * MIB)
  expect(after(249, 0)).toBe(125 * MIB)
})

test('there is always some room', () => {
  const { after } = paced()
  for (let i = 0; i < 20; i++) after(250, 1)
  expect(after(250, 1)).toBe(8 * MIB)
})

test('a thread that has time bounds nothing: requests wait for their senders then', () => {
  const { after } = paced()
  expect(after(250, MIB, 0.5)).toBe(Number.POSITIVE_INFINITY)
  expect(after(250, 25 * MIB)).toBe(200 * MIB)
  expect(after(250, 1, 0.2)).toBe(Number.POSITIVE_INFINITY)
})

test('watches its own thread', () => {
  const pace = new Pace(2000)
  expect(pace.room()).toBe(Number.POSITIVE_INFINITY)
})
