import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wilson } from './interval.ts'

test.each([
  // Newcombe (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29.
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%i of %i', (count, of, low, high) => {
  const [from, estimate, to] = wilson(count, of) ?? []
  expect(from).toBeCloseTo(low, 4)
  expect(estimate).toBe(count / of)
  expect(to).toBeCloseTo(high, 4)
})

test('of nothing there is none; it always holds its estimate, within 0 and 1', () => {
  expect(wilson(0, 0)).toBeNull()
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 1e6 }), (share, of) => {
      const [low = 2, estimate = 2, high = -1] = wilson(share * of, of) ?? []
      return 0 <= low && low <= estimate && estimate <= high && high <= 1
    }),
    { seed: 7 },
  )
})
