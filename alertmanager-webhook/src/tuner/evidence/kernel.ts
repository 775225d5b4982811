import { RELATIVE_LEVELS } from './labels.ts'

/**
 * How far a label speaks for severities beside its own: standard deviations, in levels of 0.01. What is more severe is more often useful, as a
 * rule: a useful episode says more of those over it, noise more of those under it.
 */
const WIDTHS = {
  useful: { below: 3, above: 15 },
  noise: { below: 15, above: 6 },
}
type Sort = keyof typeof WIDTHS

/** Standard deviations after which nothing is said any more. */
const REACH = 3

/** Adds a label to `sums`, spread over the severities that it speaks for; 1 at its own. */
export function spread(sums: Float64Array, level: number, amount: number, sort: Sort): void {
  const { below, above } = WIDTHS[sort]
  const from = Math.max(0, level - REACH * below)
  const to = Math.min(RELATIVE_LEVELS - 1, level + REACH * above)
  for (let at = from; at <= to; at++) sums[at]! += amount * bell((at - level) / (at < level ? below : above))
}

/** Two authors may both be right where they judge severities a little farther apart: standard deviation in levels. */
const LIKE = 2

/** How alike two severities are, from 0 to 1. */
export const likeness = (one: number, other: number): number => bell((one - other) / LIKE)

const bell = (deviations: number): number => Math.exp(-0.5 * deviations ** 2)
