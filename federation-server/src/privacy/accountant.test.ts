import { expect, it } from 'vitest'
import { epsilonOf } from './accountant.ts'

it('spends nothing without an update, and more with each', () => {
  expect(epsilonOf(0, 1, 1e-5)).toBe(0)
  const spent = [1, 2, 10, 100].map((updates) => epsilonOf(updates, 1, 1e-5))
  expect(spent).toEqual(spent.toSorted((a, b) => a - b))
  expect(epsilonOf(10, 4, 1e-5)).toBeLessThan(epsilonOf(10, 1, 1e-5))
})

it('is above what one Gaussian mechanism exactly is, and not far', () => {
  // z = 1, delta = 1e-5: 4.3776 by the analytic Gaussian mechanism (B. Balle, Y.-X. Wang 2018)
  expect(epsilonOf(1, 1, 1e-5)).toBeGreaterThan(4.37)
  expect(epsilonOf(1, 1, 1e-5)).toBeLessThan(4.9)
})

it('is what T updates of noise z are: one of noise z / sqrt(T)', () => {
  expect(epsilonOf(16, 4, 1e-6)).toBeCloseTo(epsilonOf(1, 1, 1e-6), 12)
})
