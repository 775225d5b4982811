import { describe, expect, it } from 'vitest'
import { budgetThreshold, excessOf, relativeAt, vectorsPerDay } from './budget.ts'

describe('budget', () => {
  it('is the share of vectors that alerts by chance take', () => {
    expect(budgetThreshold(1, 1440, 15)).toBeCloseTo(-Math.log10(15 / 1440) / 6, 12)
    expect(budgetThreshold(1e9, 1440, 15)).toBeCloseTo(1 / 6, 12)
    expect(budgetThreshold(1e-9, 1440, 15)).toBe(1)
  })

  it('knows how many vectors make a day', () => {
    expect(vectorsPerDay(Float64Array.of(0, 60_000, 120_000, 900_000))).toBe(1440)
  })

  it.each([
    [0.5, 0],
    [0.1, 1.281552],
    [1e-3, 3.090232],
    [1e-6, 4.753424],
  ])('knows where a share %d of normal values is', (p, excess) => {
    expect(Math.abs(excessOf(p) - excess)).toBeLessThan(5e-4)
  })

  it('finds where a severity is reached', () => {
    expect(relativeAt((x) => Math.max(0, x / 10), 0.3)).toBeCloseTo(3, 5)
    expect(relativeAt(() => 0, 0.3)).toBe(64)
    expect(relativeAt(() => 1, 0.3)).toBeCloseTo(-64, 5)
  })
})
