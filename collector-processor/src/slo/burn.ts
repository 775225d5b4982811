import type { Counts } from './ring.ts'
import type { BurnAlert, BurnWindow } from './windows.ts'

/** Share of bad requests divided by the share that the target allows; undefined without requests. */
export function burnRate({ total, good }: Counts, target: number): number | undefined {
  return total > 0 ? Math.max(0, total - good) / total / (1 - target) : undefined
}

/** Over its factor in both windows. */
export function burns(
  { long, short, factor }: BurnAlert,
  rateOf: (window: BurnWindow) => number | undefined,
): boolean {
  return (rateOf(long) ?? 0) > factor && (rateOf(short) ?? 0) > factor
}
