import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketQuantiles, exponentialDifference, keptExplicit, keptExponential } from './histogram.ts'

const counts = (...values: number[]) => Float64Array.from(values)

describe('bucketQuantiles', () => {
  it('is linear within a bucket', () => {
    expect(bucketQuantiles([{ low: 0, high: 100, rate: 4 }], [0.25, 0.5, 1])).toEqual([25, 50, 100])
  })
  it('puts buckets of different bounds together', () => {
    const quantiles = bucketQuantiles(
      [
        { low: 0, high: 10, rate: 1 },
        { low: 0, high: 20, rate: 1 },
      ],
      [0.25, 0.75, 1],
    )
    expect(quantiles[0]).toBeCloseTo(10 / 3)
    expect(quantiles[1]).toBeCloseTo(10)
    expect(quantiles[2]).toBeCloseTo(20)
  })
  it('takes the last bound for what lies above it', () => {
    expect(bucketQuantiles([{ low: 5, high: 5, rate: 2 }], [0.5])).toEqual([5])
    expect(bucketQuantiles([], [0.5])).toEqual([Number.NaN])
  })
  it('is not led astray by a bucket of next to no width', () => {
    const buckets = [
      { low: 0, high: 5e-324, rate: 1 },
      { low: 0, high: 100, rate: 99 },
    ]
    expect(bucketQuantiles(buckets, [0.505, 1])).toEqual([expect.closeTo(50), 100])
  })
  it('never falls, and stays within the buckets', () => {
    const bucket = fc
      .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 9 }))
      .map(([low, width, rate]) => ({ low, high: low + width, rate }))
    fc.assert(
      fc.property(fc.array(bucket, { minLength: 1 }), (buckets) => {
        const got = bucketQuantiles(buckets, [0.1, 0.5, 0.9, 0.99])
        expect([...got].sort((a, b) => a - b)).toEqual(got)
        expect(got[0]).toBeGreaterThanOrEqual(Math.min(...buckets.map((each) => each.low)))
        expect(got[3]).toBeLessThanOrEqual(Math.max(...buckets.map((each) => each.high)))
      }),
    )
  })
})

describe('exponentialDifference', () => {
  const before = { scale: 1, zero: 1, offset: -2, counts: counts(1, 2, 3, 4) }
  it('subtracts at one scale', () => {
    const now = { scale: 1, zero: 3, offset: -3, counts: counts(1, 1, 2, 3, 9) }
    expect(exponentialDifference(before, now)).toEqual({ ...now, zero: 2, counts: counts(1, 0, 0, 0, 5) })
  })
  it('merges neighbours when the scale was lowered', () => {
    const now = { scale: 0, zero: 1, offset: -1, counts: counts(4, 7, 5) }
    expect(exponentialDifference(before, now)?.counts).toEqual(counts(1, 0, 5))
  })
  it('sees a reset', () => {
    expect(exponentialDifference(before, { ...before, scale: 2 })).toBeUndefined()
    expect(exponentialDifference(before, { ...before, counts: counts(1, 2, 3, 3) })).toBeUndefined()
    expect(exponentialDifference(before, { ...before, offset: 0 })).toBeUndefined()
  })
})

describe('what is kept of a point', () => {
  const point = (bounds: number[], counts: number[]) => ({
    bounds: Float64Array.from(bounds),
    counts: Float64Array.from(counts),
  })

  it('is a copy, in the memory of the point before where the shape is the same', () => {
    const first = point([1, 2], [3, 4, 5])
    const kept = keptExplicit(first, undefined)
    first.counts[0] = 9
    first.bounds[0] = 0.5
    expect(kept).toEqual(point([1, 2], [3, 4, 5]))
    const next = keptExplicit(point([1, 2], [4, 5, 6]), kept)
    expect(next).toBe(kept)
    expect(next).toEqual(point([1, 2], [4, 5, 6]))
  })

  it.each([
    ['other bounds', point([1, 3], [3, 4, 5])],
    ['fewer buckets', point([1], [3, 4])],
    ['a count alone', point([], [7])],
    ['nothing', point([], [])],
  ])('has room for %s', (_, now) => {
    for (const before of [point([1, 2], [3, 4, 5]), point([], []), point([], [1])])
      expect(keptExplicit(now, keptExplicit(before, undefined))).toEqual(now)
  })

  it('of an exponential point is of its own shape', () => {
    const before = { scale: 1, zero: 0, offset: 0, counts: Float64Array.of(1, 2) }
    const now = { scale: 0, zero: 3, offset: -1, counts: Float64Array.of(4, 5, 6) }
    expect(keptExponential(now, keptExponential(before, undefined))).toEqual(now)
    expect(keptExponential({ ...before, zero: 1 }, before).counts).toBe(before.counts)
  })
})
