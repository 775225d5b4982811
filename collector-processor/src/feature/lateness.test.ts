import { expect, it } from 'vitest'
import { Lateness } from './lateness.ts'

it('follows a rising delay at once and forgets half of it in 30 s', () => {
  const lateness = new Lateness(10_000)
  expect(lateness.waitMs).toBe(10_000)
  lateness.observe(1000, 900, 950)
  expect(lateness.waitMs).toBe(100)
  lateness.observe(2000, -2100, 1900)
  expect(lateness.waitMs).toBe(4100)
  lateness.observe(32_000, 31_900, 31_950)
  expect(lateness.waitMs).toBeCloseTo(100 + 4000 / 2)
  expect(lateness.smallestMs).toBeCloseTo(50)
})

it('never waits longer than its bound', () => {
  const lateness = new Lateness(10_000)
  lateness.observe(3_600_000, 0, 0)
  expect(lateness.waitMs).toBe(10_000)
  expect(lateness.smallestMs).toBe(3_600_000)
})
