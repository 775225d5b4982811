import { DAY_MS, WEEK_MS } from './calendar.ts'

/** Cells that a history is averaged to. */
const CELLS = 1024
/** Cells that a cycle takes at least. */
const SHORTEST = 8
/** Autocorrelation at the period from which it is one, and by how much it rises above the lag where it is lowest before. */
const STRONG = 0.3
const RISE = 0.3
/** The same where fewer than `CYCLES` are there, as chance may bring two to agree. */
const STRONG_OF_FEW = 0.6
const CYCLES = 3
const FEWEST_CYCLES = 1.98
/** Part of a peak's height from which an earlier one is taken for the true period, the later for its multiple. */
const FUNDAMENTAL = 0.85
/** Periods this near are those that people live by. */
const NEAR = 0.05
const HOUR_MS = 3_600_000
const NATURAL = [HOUR_MS, DAY_MS, WEEK_MS]
/**
 * Periods of the seasons in a history, strongest first, by the autocorrelation of the features that show them best; each found
 * season is taken out before the next is looked for. Fails when a cycle is rarer than two in the history, shorter than eight of its 1024 parts, or seen by one feature
 * among dozens only. Cost O(cells² × features / 2) with at most 1024 cells.
 *
 * @param rows standardised, row by row; NaN nowhere; @param counted features that must show it
 */
export function findSeasons(
  rows: Float64Array,
  timesMs: Float64Array,
  counted: number,
  most: number,
): number[] {
  const count = timesMs.length
  const width = count > 0 ? rows.length / count : 0
  const cells = Math.min(CELLS, count)
  const spanMs = count > 0 ? timesMs[count - 1]! - timesMs[0]! : 0
  if (!(spanMs > 0) || cells < 4 * SHORTEST) return []
  const cellMs = spanMs / (cells - 1)
  const series = Array.from({ length: width }, (_, i) => detrended(gridded(rows, timesMs, i, width, cells)))
  const found: number[] = []
  while (found.length < most) {
    const lag = strongestLag(meanCorrelation(series, counted), cells, cellMs)
    if (lag === 0) break
    const periodMs = snapped(lag * cellMs)
    if (found.includes(periodMs)) break
    found.push(periodMs)
    for (const each of series) takeOut(each, periodMs / cellMs)
  }
  return found
}

const snapped = (periodMs: number): number =>
  NATURAL.find((natural) => Math.abs(periodMs / natural - 1) < NEAR) ?? periodMs

/** Mean of each cell; an empty one repeats the one before. */
function gridded(rows: Float64Array, timesMs: Float64Array, feature: number, width: number, cells: number) {
  const sums = new Float64Array(cells)
  const counts = new Uint32Array(cells)
  const from = timesMs[0]!
  const spanMs = timesMs[timesMs.length - 1]! - from
  for (let row = 0; row < timesMs.length; row++) {
    const cell = Math.min(cells - 1, Math.floor(((timesMs[row]! - from) / spanMs) * (cells - 1) + 0.5))
    // Drawn in: a few far values must not make up the whole correlation.
    sums[cell]! += Math.max(-5, Math.min(5, rows[row * width + feature]!))
    counts[cell]!++
  }
  for (let cell = 0; cell < cells; cell++)
    sums[cell] = counts[cell]! > 0 ? sums[cell]! / counts[cell]! : cell > 0 ? sums[cell - 1]! : 0
  return sums
}

function detrended(values: Float64Array): Float64Array {
  const n = values.length
  const middle = (n - 1) / 2
  let mean = 0
  let slope = 0
  for (let i = 0; i < n; i++) mean += values[i]! / n
  for (let i = 0; i < n; i++) slope += (i - middle) * (values[i]! - mean)
  slope /= (n * (n * n - 1)) / 12
  for (let i = 0; i < n; i++) values[i]! -= mean + slope * (i - middle)
  return values
}

/** For each lag up to half the length: mean of the `counted` largest autocorrelations. */
function meanCorrelation(series: readonly Float64Array[], counted: number): Float64Array {
  const lags = (series[0]?.length ?? 0) >> 1
  const each = series.map((values) => autocorrelation(values, lags))
  return Float64Array.from({ length: lags }, (_, lag) => {
    const sorted = each.map((r) => r[lag]!).sort((a, b) => b - a)
    return sorted.slice(0, counted).reduce((sum, r) => sum + r / counted, 0)
  })
}

function autocorrelation(values: Float64Array, lags: number): Float64Array {
  const n = values.length
  let variance = 0
  for (const value of values) variance += value * value
  const out = new Float64Array(lags)
  if (!(variance > 1e-9 * n)) return out
  for (let lag = 0; lag < lags; lag++) {
    let sum = 0
    for (let i = lag; i < n; i++) sum += values[i]! * values[i - lag]!
    // By the number of pairs, or a long period would seem weak for being long.
    out[lag] = (sum / variance) * (n / (n - lag))
  }
  return out
}

/**
 * The period in cells; 0: none. A peak for which no earlier one is nearly as high is no multiple of a shorter period: the first such
 * that people live by, or else the highest of all.
 */
function strongestLag(correlation: Float64Array, cells: number, cellMs: number): number {
  let lowest = 1
  let highest = 0
  let found = 0
  for (let lag = 1; lag + 1 < correlation.length; lag++) {
    const r = correlation[lag]!
    lowest = Math.min(lowest, r)
    if (lag < SHORTEST || r < correlation[lag - 1]! || r <= correlation[lag + 1]!) continue
    const periodMs = snapped(lag * cellMs)
    const cycles = ((cells - 1) * cellMs) / periodMs
    if (cycles < FEWEST_CYCLES || r - lowest < RISE || r < (cycles < CYCLES ? STRONG_OF_FEW : STRONG))
      continue
    if (FUNDAMENTAL * r <= highest) continue
    highest = r
    found = lag
    if (NATURAL.includes(periodMs)) break
  }
  return found
}

/** Subtracts the mean of each phase. */
function takeOut(values: Float64Array, period: number): void {
  const bins = Math.max(SHORTEST, Math.min(512, Math.floor(period)))
  const sums = new Float64Array(bins)
  const counts = new Uint32Array(bins)
  const binOf = (i: number) => Math.min(bins - 1, Math.floor(((i % period) / period) * bins))
  for (let i = 0; i < values.length; i++) {
    sums[binOf(i)]! += values[i]!
    counts[binOf(i)]!++
  }
  for (let i = 0; i < values.length; i++) values[i]! -= sums[binOf(i)]! / counts[binOf(i)]!
}
