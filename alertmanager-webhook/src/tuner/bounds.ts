import { DOUBLING, MOST, rounded } from './severity.ts'
import { checkNumber } from './tuner-error.ts'

/** Where a tuned threshold may be. */
export interface BoundOptions {
  /** How far below the untuned one at the most. */
  readonly below: number
  /** Never lower than this, whatever the untuned one. */
  readonly lowest: number
  readonly highest: number
}

/** At most 32 times as large a q as at the start; down to the q that stored severities end at. */
export const BOUNDS: BoundOptions = { below: 5 * DOUBLING, lowest: 1 / 6, highest: MOST }

export interface Bounds {
  readonly low: number
  readonly high: number
}

/** @throws TunerError */
export function boundsOf(initial: number, { below, lowest, highest } = BOUNDS): Bounds {
  checkNumber('untuned threshold', initial, 0, MOST)
  checkNumber('lowest threshold', lowest, 0, MOST)
  checkNumber('highest threshold', highest, lowest, MOST)
  checkNumber('reach below the untuned threshold', below, 0, MOST)
  const low = Math.min(initial, Math.max(lowest, initial - below))
  return { low, high: Math.max(highest, initial) }
}

export const within = (threshold: number, { low, high }: Bounds): number =>
  Math.max(low, Math.min(high, rounded(threshold)))
