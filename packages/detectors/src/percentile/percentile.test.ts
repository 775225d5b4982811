import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { seeded } from '../statistics/sampling.ts'
import { PercentileDetector } from './percentile.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

const make = (features: Feature[], halfLife = 5000) =>
  new PercentileDetector({ features, share: 0.01, halfLife })

detectorContract(
  'percentile',
  () => make(['a', 'b', 'c'].map((name) => plain(name))),
  () => make(['a', 'b', 'd'].map((name) => plain(name))),
)

const rows = (count: number, seed: number, level = 0) => {
  const rng = seeded(seed)
  return Array.from({ length: count }, () => Float64Array.of(level + rng(), level + rng()))
}

describe('a vector', () => {
  const detector = make([plain('a'), plain('b', 'high')])
  detector.fit(history(rows(5000, 1)))

  it('within all bands has no score, and outside the distance in band widths', () => {
    expect(detector.score(Float64Array.of(0.02, 0.98))).toBe(0)
    // Uniform in [0, 1]: the band is 0.98 wide, but for what the standard deviation says (0.29) it could be narrower.
    expect(detector.score(Float64Array.of(0.99 + 0.98, 0.5))).toBeCloseTo(1, 1)
    expect(detector.score(Float64Array.of(0.01 - 2 * 0.98, 0.5))).toBeCloseTo(2, 1)
  })

  it('has no score for what is missing or harmless', () => {
    expect(detector.score(Float64Array.of(Number.NaN, -100))).toBe(0)
    expect(detector.score(Float64Array.of(Number.NaN, 100))).toBeGreaterThan(10)
  })

  it('is explained by its bands, in the unit of the feature', () => {
    const { low, high, expected } = detector.explain(Float64Array.of(3, 0.5))
    expect(low[0]).toBeCloseTo(0.01, 2)
    expect(high[0]).toBeCloseTo(0.99, 2)
    expect(expected[0]).toBeCloseTo(0.5, 1)
  })
})

it('follows what it learns', () => {
  const detector = make([plain('a'), plain('b')], 200)
  detector.fit(history(rows(1000, 1)))
  const moved = Float64Array.of(3.5, 3.5)
  expect(detector.score(moved)).toBeGreaterThan(1)
  for (const row of rows(3000, 2, 3)) detector.learn(row)
  expect(detector.score(moved)).toBe(0)
  expect(detector.score(Float64Array.of(-3, -3))).toBeGreaterThan(1)
})
