import { expect, test } from 'vitest'
import { reliability, wordWeight } from './weight.ts'

test('a plain word weighs one, a silence less', () => {
  expect(wordWeight('link', 1)).toBe(1)
  expect(wordWeight('silence', 1)).toBeCloseTo(0.3)
})

test('a flood weighs no more than fifty words', () => {
  expect(wordWeight('api', 50)).toBe(1)
  expect(500 * wordWeight('api', 500)).toBeCloseTo(50)
})

test('an author of whom nothing is known is believed; one dispute takes little, many take nearly all', () => {
  expect(reliability({ agrees: 0, disagrees: 0 })).toBe(1)
  expect(reliability({ agrees: 40, disagrees: 0 })).toBe(1)
  expect(reliability({ agrees: 0, disagrees: 1 })).toBeCloseTo(0.758, 3)
  expect(reliability({ agrees: 0, disagrees: 20 })).toBe(0.05)
  expect(reliability({ agrees: 10, disagrees: 10 })).toBeCloseTo(0.333, 3)
})

test('every dispute more takes weight, never below the least', () => {
  let before = 1
  for (let disagrees = 0; disagrees < 100; disagrees++) {
    const now = reliability({ agrees: 5, disagrees })
    expect(now).toBeLessThanOrEqual(before)
    expect(now).toBeGreaterThanOrEqual(0.05)
    before = now
  }
})
