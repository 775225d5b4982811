import type { Explanation } from '../detector.ts'
import type { Standardiser } from '../standardiser/standardiser.ts'
import { meanOfLargest } from '../statistics/largest.ts'
import { BAND } from './shares.ts'

/** Residuals of features that count: their mean is the raw score. Few, since trouble shows in few features; more than one, since chance does not. */
export const countedOf = (width: number): number => Math.ceil(width / 6)

/** Raw score of a detector that predicts each feature: mean of the `counted` largest absolute residuals, in their scales. */
export const residualScore = (z: Float64Array, counted: number): number => meanOfLargest(z, counted)

/**
 * Exact, since the score is a mean: each of the features that count has its residual as share.
 *
 * @param z absolute residuals in scales, @param predicted standardised, @param scales of the residuals, standardised
 */
export function explainResiduals(
  z: Float64Array,
  counted: number,
  predicted: Float64Array,
  scales: Float64Array,
  standardiser: Standardiser,
): Explanation {
  const order = Array.from(z.keys()).sort((a, b) => z[b]! - z[a]!)
  const parts = new Float64Array(z.length)
  let total = 0
  for (const i of order.slice(0, counted)) total += z[i]!
  if (total > 0) for (const i of order.slice(0, counted)) parts[i] = z[i]! / total
  const at = (band: number) => z.map((_, i) => standardiser.restore(i, predicted[i]! + band * scales[i]!))
  return { parts, expected: at(0), low: at(-BAND), high: at(BAND) }
}
