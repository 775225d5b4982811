import type { Explanation } from '../detector.ts'
import type { Standardiser } from '../standardiser/standardiser.ts'

/** Standard deviations on either side that 98 % of normal values lie in. */
export const BAND = 2.33

/** What is normal for each feature, standardised. */
export interface Usual {
  readonly expected: ArrayLike<number>
  readonly low: ArrayLike<number>
  readonly high: ArrayLike<number>
}

/**
 * An explanation from non-negative shares in a raw score. Where the score is not 0 and no feature has a share in it (some
 * algorithms give everything a score) all have the same.
 */
export function explainShares(
  raw: number,
  shares: Float64Array,
  usual: Usual,
  standardiser: Standardiser,
): Explanation {
  let total = 0
  for (const share of shares) total += share
  const parts = shares.map((share) => {
    if (!(raw > 0)) return 0
    return total > 0 ? share / total : 1 / shares.length
  })
  const inUnit = (values: ArrayLike<number>) =>
    Float64Array.from(values, (value, i) => standardiser.restore(i, value))
  return { parts, expected: inUnit(usual.expected), low: inUnit(usual.low), high: inUnit(usual.high) }
}

/** Centre and scale of the whole history, for detectors that expect no value in particular. */
export function usualOf(width: number): Usual {
  return {
    expected: new Float64Array(width),
    low: new Float64Array(width).fill(-BAND),
    high: new Float64Array(width).fill(BAND),
  }
}
