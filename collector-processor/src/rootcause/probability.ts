import type { Finding } from './finding.ts'
import { ODD } from './scale.ts'

/**
 * Chance that a robust z-score of this size is an accident of normal operation, beside that of a cause: half at the
 * limit of what is odd, falling with the square as tails of telemetry do (heavier than a normal distribution's).
 */
export function accidental(z: number): number {
  return 1 / (1 + (z / ODD) ** 2)
}

/** Shares of the blame as probabilities beside "none of these", best first. */
export function probabilities(
  shares: ReadonlyMap<string, number>,
  findings: readonly Finding[],
): { none: number; causes: [string, number][] } {
  let strongest = 0
  for (const { strength } of findings) strongest = Math.max(strongest, strength)
  const none = accidental(strongest)
  return {
    none,
    causes: Array.from(shares, ([service, share]): [string, number] => [service, share * (1 - none)]).sort(
      ([a, x], [b, y]) => y - x || (a < b ? -1 : 1),
    ),
  }
}
