import { expect, test } from 'vitest'
import { lineThrough, quantile } from './trend.ts'

test('the line through points', () => {
  const exact = lineThrough([
    [0, 3],
    [1, 5],
    [3, 9],
  ])
  expect([exact.slope, exact.mean]).toEqual([2, 17 / 3])
  expect(exact.error).toBeCloseTo(0, 12)
  const noisy = lineThrough([0, 1, 2, 3, 4, 5].map((x) => [x, x % 2] as const))
  expect(Math.abs(noisy.slope)).toBeLessThan(2 * noisy.error)
  expect(lineThrough([[1, 2]]).slope).toBeNaN()
})

test('quantiles', () => {
  expect(quantile([5, 1, 3], 0.5)).toBe(3)
  expect(quantile([5, 1, 3], 0.99)).toBe(5)
  expect(quantile([], 0.5)).toBeNaN()
})
