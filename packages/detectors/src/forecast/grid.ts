/** A history in equal steps of time. Every season is a whole number of them. */
export interface Grid {
  readonly cellMs: number
  /** Of the seasons, in cells, shortest first. */
  readonly periods: readonly number[]
}

/** @param cells that the longest season may take, @param stepMs between two vectors */
export function gridFor(seasonsMs: readonly number[], cells: number, stepMs: number): Grid {
  const sorted = seasonsMs.toSorted((a, b) => a - b)
  const [shortest, longest] = [sorted[0], sorted.at(-1)]
  if (shortest === undefined || longest === undefined) return { cellMs: stepMs, periods: [] }
  // As many to each of the shorter seasons too, where those divide the longest.
  const ratio = Math.max(1, Math.round(longest / shortest))
  const most = Math.max(2, Math.min(cells, Math.floor(longest / stepMs)))
  const count = ratio <= most ? Math.floor(most / ratio) * ratio : most
  const cellMs = longest / count
  const periods = sorted.map((periodMs) => Math.max(1, Math.round(periodMs / cellMs)))
  return { cellMs, periods: [...new Set(periods)] }
}

/** Fills the gaps (NaN) with the value one period before, or the one before. */
export function withoutGaps(series: Float64Array, period: number): Float64Array {
  let known = series.find((value) => !Number.isNaN(value)) ?? 0
  for (let i = 0; i < series.length; i++) {
    if (Number.isNaN(series[i]!)) series[i] = i >= period && period > 0 ? series[i - period]! : known
    known = series[i]!
  }
  return series
}
