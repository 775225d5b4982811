/** The standard profile. */
const FALSE_POSITIVE = 0.11
const STEEPNESS = 5
/** So many window lengths behind a window a false positive costs in full. */
const FAR = 3

/** A file of the Numenta Anomaly Benchmark, scored. */
export interface NabFile {
  /** Of the rows from `offset` on; those before are its probation. */
  readonly scores: Float64Array
  readonly offset: number
  /** First and last row of each labelled window, in the file, in order. */
  readonly windows: readonly { readonly from: number; readonly to: number }[]
}

export interface NabResult {
  /** Normalised: 0 = nothing ever flagged, 100 = every window found in its first row and nothing else. NaN without windows. */
  readonly score: number
  readonly threshold: number
}

/** What a row adds to the score when it is flagged. */
interface Row {
  readonly score: number
  readonly value: number
  /** Number of its window among all; -1 = outside. */
  readonly window: number
}

/**
 * NAB's score, standard profile, at the one threshold for all files that makes it largest, as NAB's own optimiser does.
 *
 * Of a window only the best flagged row counts, the earlier the more; a window without one costs 1; each flagged row
 * outside costs up to 0.11, less the shorter it comes after a window.
 *
 * Source: A. Lavin, S. Ahmad: Evaluating real-time anomaly detection algorithms, ICMLA 2015, and the authors' sweeper.
 */
export function nabBest(files: readonly NabFile[]): NabResult {
  const { rows, windows } = rowsOf(files)
  rows.sort((a, b) => b.score - a.score)
  const best = new Float64Array(windows).fill(-1)
  let total = -windows
  let largest = total
  let threshold = Number.POSITIVE_INFINITY
  for (const [i, row] of rows.entries()) {
    total += gain(row, best)
    if (rows[i + 1]?.score === row.score || total <= largest) continue
    largest = total
    threshold = row.score
  }
  return { score: normalised(largest, windows), threshold }
}

/** NAB's score, standard profile, of the rows whose score reaches the threshold. */
export function nabAt(files: readonly NabFile[], threshold: number): NabResult {
  const { rows, windows } = rowsOf(files)
  const best = new Float64Array(windows).fill(-1)
  let total = -windows
  for (const row of rows) if (row.score >= threshold) total += gain(row, best)
  return { score: normalised(total, windows), threshold }
}

function normalised(total: number, windows: number): number {
  return windows > 0 ? (100 * (total + windows)) / (2 * windows) : Number.NaN
}

function gain({ value, window }: Row, best: Float64Array): number {
  if (window < 0) return value
  const before = best[window]!
  best[window] = Math.max(before, value)
  return best[window]! - before
}

function rowsOf(files: readonly NabFile[]): { rows: Row[]; windows: number } {
  const rows: Row[] = []
  let windows = 0
  for (const { scores, offset, windows: limits } of files) {
    const own = limits.filter(({ to }) => to >= offset)
    let next = 0
    for (const [k, score] of scores.entries()) {
      const i = offset + k
      while (next < limits.length && limits[next]!.to < i) next++
      const current = limits[next]
      if (current !== undefined && current.from <= i)
        rows.push({ score, value: inside(i, current), window: windows + own.indexOf(current) })
      else rows.push({ score, value: outside(i, limits[next - 1]), window: -1 })
    }
    windows += own.length
  }
  return { rows, windows }
}

function inside(i: number, { from, to }: { from: number; to: number }): number {
  return sigmoid(-(to - i + 1) / (to - from + 1)) / sigmoid(-1)
}

function outside(i: number, last: { from: number; to: number } | undefined): number {
  const position = last === undefined || last.to === last.from ? FAR : (i - last.to) / (last.to - last.from)
  return FALSE_POSITIVE * (position >= FAR ? -1 : sigmoid(position))
}

/** From 1 far ahead of the end of a window to -1 far behind it. */
function sigmoid(position: number): number {
  return 2 / (1 + Math.exp(STEEPNESS * position)) - 1
}
