import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rerank } from './rerank.ts'

const unit = fc.double({ min: 0, max: 1, noNaN: true })

describe('rerank', () => {
  it('never takes a score from its threshold to below it, whatever the classifier says', () => {
    fc.assert(
      fc.property(unit, unit, unit, (score, probability, threshold) => {
        const moved = rerank(score, probability, threshold)
        expect(moved).toBeGreaterThanOrEqual(0)
        expect(moved).toBeLessThanOrEqual(1)
        if (score >= threshold) expect(moved).toBeGreaterThanOrEqual(threshold)
      }),
      { numRuns: 5000 },
    )
  })

  it('moves by at most what a tenfold probability does', () => {
    fc.assert(
      fc.property(unit, unit, unit, (score, probability, threshold) => {
        const moved = rerank(score, probability, threshold)
        expect(moved - score).toBeLessThan(1 / 6 + 1e-12)
        if (score < threshold) expect(score - moved).toBeLessThan(1 / 6 + 1e-12)
      }),
    )
  })

  it('keeps the order of scores, and of probabilities', () => {
    fc.assert(
      fc.property(unit, unit, unit, unit, (a, b, c, threshold) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        expect(rerank(high, c, threshold)).toBeGreaterThanOrEqual(rerank(low, c, threshold))
        expect(rerank(c, high, threshold)).toBeGreaterThanOrEqual(rerank(c, low, threshold))
      }),
      { numRuns: 5000 },
    )
  })

  it('changes nothing where the classifier does not know', () => {
    fc.assert(
      fc.property(unit, unit, (score, threshold) => {
        expect(rerank(score, 0.5, threshold)).toBe(score)
        expect(rerank(score, Number.NaN, threshold)).toBe(score)
      }),
    )
  })

  it.each([
    ['raises a confirmed kind', 0.6, 1, 0.5, 0.6 + 1 / 6],
    ['over its threshold too', 0.45, 0.9, 0.5, 0.45 + Math.log10(9) / 6],
    ['draws a false alarm to its threshold', 0.7, 0, 0.5, 0.52],
    ['lowers what is below its threshold', 0.4, 0, 0.5, 0.4 - 1 / 6],
    ['not below 0', 0.1, 0, 0.5, 0],
    ['leaves 0 alone', 0, 1, 0.5, 0],
  ])('%s', (_, score, probability, threshold, wanted) =>
    expect(rerank(score, probability, threshold)).toBeCloseTo(wanted, 12),
  )
})
