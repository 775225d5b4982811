import type { ExplicitPoint, ExponentialPoint } from '../feature/metric/histogram.ts'

/** Bounds and thresholds come from decimal seconds and milliseconds: 0.3 s and 300 ms are the same. */
const SAME = 1e-9

export interface FastEnough {
  /** Requests up to `boundMs`. */
  readonly good: number
  readonly total: number
  /** The largest bucket bound that is not above the threshold; NaN when there is none, and then nothing is good. */
  readonly boundMs: number
}

export const sameBound = (boundMs: number, thresholdMs: number): boolean =>
  Math.abs(boundMs - thresholdMs) <= thresholdMs * SAME

/**
 * Requests of a histogram that took `thresholdMs` at most. A histogram knows this at its bucket bounds only: between two,
 * the lower one counts, so that no slow request passes for a fast one. `scale` is the factor from its unit to ms.
 * Undefined when it has no buckets at all.
 */
export function fastEnough(
  {
    explicit,
    exponential,
  }: { explicit?: ExplicitPoint | undefined; exponential?: ExponentialPoint | undefined },
  scale: number,
  thresholdMs: number,
): FastEnough | undefined {
  const limit = thresholdMs * (1 + SAME)
  if (explicit !== undefined) return ofExplicit(explicit, scale, limit)
  return exponential === undefined ? undefined : ofExponential(exponential, limit / scale, scale)
}

function ofExplicit({ bounds, counts }: ExplicitPoint, scale: number, limit: number): FastEnough | undefined {
  if (counts.length < 2) return undefined
  let good = 0
  let total = 0
  let boundMs = Number.NaN
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!
    // the last bucket has no bound
    const bound = (bounds[i] ?? Number.POSITIVE_INFINITY) * scale
    if (bound > limit) continue
    good += counts[i]!
    boundMs = bound
  }
  return { good, total, boundMs }
}

function ofExponential(point: ExponentialPoint, limit: number, scale: number): FastEnough {
  const { offset, zero, counts } = point
  // Bucket i ends at base^(i+1): the last one that ends in time. base = 2^(2^-scale)
  const last = Math.floor(Math.log2(limit) * 2 ** point.scale) - 1
  let good = zero
  let total = zero
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!
    if (offset + i <= last) good += counts[i]!
  }
  return { good, total, boundMs: 2 ** ((last + 1) * 2 ** -point.scale) * scale }
}
