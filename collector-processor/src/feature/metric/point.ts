import { type ExplicitPoint, type ExponentialPoint, keptExplicit, keptExponential } from './histogram.ts'

/** A data point. Its arrays are of its batch: who keeps it copies them. Exactly one of `explicit` and `exponential` is there for a histogram. */
export interface Point {
  readonly startMs: number
  readonly timeMs: number
  readonly cumulative: boolean
  readonly stale: boolean
  /** Level or sum; of a histogram its count. */
  readonly value: number
  readonly explicit?: ExplicitPoint | undefined
  readonly exponential?: ExponentialPoint | undefined
}

/** What a series keeps of its last point, to compare the next one with: copies, since a point is of its batch. */
export type LastPoint = {
  -readonly [Key in 'startMs' | 'timeMs' | 'value' | 'explicit' | 'exponential']: Point[Key]
}

/**
 * Keeps a point where `last` was, in its memory as far as shapes agree: what a series keeps lives until its next point, and would be garbage of
 * the costly kind then. Differences from `last` are to be taken before.
 */
export function keepPoint(point: Point, last: LastPoint | undefined): LastPoint {
  const explicit = point.explicit && keptExplicit(point.explicit, last?.explicit)
  const exponential = point.exponential && keptExponential(point.exponential, last?.exponential)
  const { startMs, timeMs, value } = point
  if (last === undefined) return { startMs, timeMs, value, explicit, exponential }
  last.startMs = startMs
  last.timeMs = timeMs
  last.value = value
  last.explicit = explicit
  last.exponential = exponential
  return last
}
