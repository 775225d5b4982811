import { RELATIVE_LEVELS } from './labels.ts'

/** How far labels speak for severities beside theirs: a standard deviation, in levels of 0.01. */
export const WIDTH = 6
const REACH = 3 * WIDTH
const weights = Float64Array.from({ length: 2 * REACH + 1 }, (_, i) =>
  Math.exp(-0.5 * ((i - REACH) / WIDTH) ** 2),
)

/** Adds a label to `sums`, spread over the severities that it speaks for; 1 at its own. */
export function spread(sums: Float64Array, level: number, amount: number): void {
  const from = Math.max(0, level - REACH)
  const to = Math.min(RELATIVE_LEVELS - 1, level + REACH)
  for (let at = from; at <= to; at++) sums[at]! += amount * weights[at - level + REACH]!
}

/** How much a label at one level says of another. */
export const likeness = (a: number, b: number): number => weights[b - a + REACH] ?? 0
