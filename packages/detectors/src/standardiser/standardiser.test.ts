import { describe, expect, it } from 'vitest'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { Standardiser } from './standardiser.ts'

const features: readonly Feature[] = ['seen', 'constant', 'late', 'rare'].map((name) => ({
  name,
  direction: 'both',
  transform: 'linear',
  floor: 0.5,
}))
const rows = Array.from({ length: 100 }, (_, i) =>
  Float64Array.of(i % 2 === 0 ? 9 : 11, 4, Number.NaN, i < 10 ? 7 : Number.NaN),
)
const history = History.of(
  rows,
  rows.map((_, i) => i),
)

describe('a standardised vector', () => {
  const standardiser = new Standardiser(features)
  standardiser.fit(history)
  const standardised = (...values: number[]) => {
    const out = new Float64Array(4)
    standardiser.apply(Float64Array.from(values), out)
    return [...out]
  }

  it('is in deviations from the median, of a constant feature in its floors', () => {
    const [seen, constant] = standardised(13, 6, Number.NaN, Number.NaN)
    // From 11, half of them being there, 9 is two off: a root mean square of the square root of 2.
    expect(seen).toBeCloseTo(Math.SQRT2)
    expect(constant).toBe(4)
  })

  it('has 0 for what is missing, and for features that were never or hardly ever seen', () => {
    expect(standardised(Number.NaN, Number.NaN, 5, 1e9)).toEqual([0, 0, 0, 0])
    expect(standardiser.restore(2, 0)).toBe(0)
    const known = new Float64Array(4)
    standardiser.applyKnown(Float64Array.of(9, 4, Number.NaN, 7), known)
    expect([...known].slice(2)).toEqual([Number.NaN, 0])
  })

  it('knows a feature once it is fitted anew', () => {
    const later = rows.map((row, i) => Float64Array.of(row[0]!, row[1]!, 20 + (i % 3), Number.NaN))
    standardiser.fit(
      History.of(
        later,
        later.map((_, i) => i),
      ),
    )
    expect(standardised(11, 4, 30, 1)[2]).toBeGreaterThan(5)
  })
})
