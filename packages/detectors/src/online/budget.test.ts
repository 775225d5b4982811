import { expect, it } from 'vitest'
import { budgetThreshold, vectorsPerDay } from './budget.ts'

it('a budget is a threshold, between one vector in ten and one in a million', () => {
  expect(budgetThreshold(0.1, 1440, 15)).toBeCloseTo(-Math.log10(1.5 / 1440) / 6, 12)
  expect(budgetThreshold(1000, 1440, 15)).toBe(1 / 6)
  expect(budgetThreshold(0.001, 1e9, 1)).toBe(1)
})

it.each([
  ['even', [0, 60_000, 120_000, 180_000], 1440],
  ['with a gap', [0, 60_000, 120_000, 900_000_000], 1440],
  ['in batches', [0, 0, 0, 60_000, 60_000, 60_000, 120_000], 1440 * 3],
  ['all at once', [5, 5, 5], Number.NaN],
  ['one', [5], Number.NaN],
])('vectors of a day: %s', (_, times, perDay) => {
  expect(vectorsPerDay(Float64Array.from(times))).toBe(perDay)
})
