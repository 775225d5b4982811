import type { Explanation } from '../detector.ts'

/** base + Σ parts = logit, but for `error`. */
export interface LogitParts {
  /** Natural log odds of the calibrated score. A score of 0 or 1 is taken as 1e-6 or 1 − 1e-6. */
  readonly logit: number
  /** The logit of a vector as normal as half of all are. */
  readonly base: number
  /** One per feature. */
  readonly parts: Float64Array
  /** |logit − base − Σ parts|, measured: rounding, at most 1e-12, unless there are no shares to go by. */
  readonly error: number
}

/** Score of the median normal vector: p = 1/2. */
const MEDIAN_SCORE = Math.log10(2) / 6
/** Logits are finite: a score of 1 is at least one in a million. */
const LIMIT = 1e-6

/**
 * A detector's explanation in the unit of its calibrated score: each feature's share of what lies between the logit of a median
 * normal vector and that of this one. Where shares are exact (residuals, PCA, …) the parts are as exact; a calibration is monotone but bent,
 * so this is the chord, not the path: `logitShap` walks it.
 *
 * @param score calibrated, 0 to 1
 */
export function logitParts({ parts: shares }: Explanation, score: number): LogitParts {
  const whole = logit(score)
  const base = logit(MEDIAN_SCORE)
  const parts = shares.map((share) => share * (whole - base))
  const error = Math.abs(whole - parts.reduce((sum, part) => sum + part, base))
  return { logit: whole, base, parts, error }
}

/** Natural log odds; finite for 0 and 1 too. */
export function logit(score: number): number {
  const within = Math.min(1 - LIMIT, Math.max(LIMIT, score))
  return Math.log(within / (1 - within))
}
