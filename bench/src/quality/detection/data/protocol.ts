import { History } from '@adf/detectors'

const WEEK_MS = 7 * 86_400_000
/** TSB-AD's short history: at least so many rows, at most this share of the test, and so far from the first anomaly. */
const LEAST = 500
const SHARE = 0.25
const DISTANCE = 100
/** NAB leaves this share of a file unscored, and never more than this share of 5,000 rows. */
const PROBATION = 0.15
const PROBATION_OF = 5000

/** Rows of the test part that the short protocol learns from. */
export function shortTrainRows(labels: Uint8Array): number {
  const first = labels.indexOf(1)
  const rows = Math.min((first < 0 ? labels.length : first) - DISTANCE, Math.floor(SHARE * labels.length))
  return Math.min(labels.length, Math.max(LEAST, rows))
}

/**
 * The first rows of `test`, to be learned before all of it is scored. Time only runs forward for a detector, so they are
 * moved back by whole weeks: hour and weekday stay.
 */
export function historyBefore(test: History, rows: number): History {
  const part = test.slice(0, rows)
  const first = test.timesMs[0] ?? 0
  const last = part.timesMs[rows - 1] ?? first
  const shift = (Math.floor((last - first) / WEEK_MS) + 1) * WEEK_MS
  return new History(
    part.width,
    part.values,
    part.timesMs.map((time) => time - shift),
  )
}

/** Rows at the start of a file that NAB never scores. */
export function probationRows(rows: number): number {
  return Math.floor(Math.min(PROBATION * rows, PROBATION * PROBATION_OF))
}
