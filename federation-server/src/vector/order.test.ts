import fc from 'fast-check'
import { expect, it } from 'vitest'
import { median, select, spread } from './order.ts'

const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, 2))

it('selects what sorting would put there, with the smaller before and the larger behind', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.nat(), (list, at) => {
      const k = at % list.length
      const sorted = Float64Array.from(list).sort()
      const values = Float64Array.from(list)
      // -0 is 0 here
      expect(select(values, k) === sorted[k]).toBe(true)
      expect(values.subarray(0, k).every((v) => v <= sorted[k]!)).toBe(true)
      expect(values.subarray(k).every((v) => v >= sorted[k]!)).toBe(true)
      const half = list.length >> 1
      const [low, high] = [sorted[list.length % 2 === 1 ? half : half - 1]!, sorted[half]!]
      const middle = median(list)
      expect(middle >= low && middle <= high).toBe(true)
    }),
    { numRuns: 500, seed: 1 },
  )
})

it('finds the middle of two that are farther apart than the largest number', () => {
  expect(median([-1.5e308, 1.5e308])).toBe(0)
})

it('has a spread like the standard deviation', () => {
  expect(spread([-1, 0, 1, 1000, -1000], 0)).toBeCloseTo(1.4826, 9)
  expect(median([])).toBeNaN()
})
