import type { ScoreHistory } from '@adf/contract'
import { pointsOf } from '../thresholds/severities.ts'

/** A history as columns of a chart. */
export interface ScoreColumns {
  /** Unix milliseconds. */
  readonly times: readonly number[]
  readonly severities: readonly (number | null)[]
  /** The threshold of now at each time. */
  readonly thresholds: readonly number[]
  /** Where it was reached; null elsewhere. */
  readonly over: readonly (number | null)[]
}

/** @param most points at most; each is the largest of its time */
export function scoreColumns(history: ScoreHistory, threshold: number, most: number): ScoreColumns {
  const points = pointsOf(history, most)
  const severities = points.map(({ severity }) => severity)
  return {
    times: points.map(({ at }) => at),
    severities,
    thresholds: points.map(() => threshold),
    over: severities.map((one) => (one !== null && one >= threshold ? one : null)),
  }
}
