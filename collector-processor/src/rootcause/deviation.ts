import type { Series } from './evidence.ts'

/** How far a window lies from history. All in the unit of the series but `z` and `calls`. */
export interface Deviation {
  readonly value: number
  readonly expected: number
  /** Normal range: the 10 % and 90 % quantiles of history. */
  readonly low: number
  readonly high: number
  /** Robust z-score; positive = larger than normal. */
  readonly z: number
  /** The first slot of the window that has gone half of the way from `expected` to `value`; -1 when none has. */
  readonly onset: number
}

export interface Floors {
  /** Part of the expected value, and absolute amount, that is never odd by itself: both widen the scale. */
  readonly relative: number
  readonly absolute: number
  /** The series is a share or a ratio of counts: its scale is not under that of a Poisson count of this size. */
  readonly counted?: boolean
}

/** Blocks of history that are compared with the window, at least, if there is that much history. */
const BLOCKS = 8

/**
 * The window as a whole against blocks of history of the same length, by median and spread of the quarter around it, so
 * that neither single outliers nor earlier incidents within history count as normal. `weights` are the calls behind each
 * slot. The window's value is the weighted mean, but not more than three quarters of its slots reach: one slow call among
 * few is no deviation. Undefined when window or history have nothing.
 */
export function deviation(series: Series, weights: Series, floors: Floors): Deviation | undefined {
  const slots = series.window.length
  const mean = pooled(series.window, weights.window, 0, slots)
  const length = Math.max(1, Math.min(slots, Math.floor(series.history.length / BLOCKS)))
  const blocks: number[] = []
  for (let from = 0; from < series.history.length; from += length) {
    const value = pooled(
      series.history,
      weights.history,
      from,
      Math.min(from + length, series.history.length),
    )
    if (!Number.isNaN(value)) blocks.push(value)
  }
  if (Number.isNaN(mean) || blocks.length === 0) return undefined
  blocks.sort((a, b) => a - b)
  const expected = quantile(blocks, 0.5)
  const distances = blocks.map((block) => Math.abs(block - expected)).sort((a, b) => a - b)
  const seen = Array.from(series.window)
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b)
  const value = mean > expected ? Math.min(mean, quantile(seen, 0.75)) : Math.max(mean, quantile(seen, 0.25))
  const side = value > expected ? quantile(blocks, 0.75) - expected : expected - quantile(blocks, 0.25)
  let scale = Math.max(1.4826 * quantile(distances, 0.5), side / 0.6745)
  if (floors.counted === true) scale = Math.max(scale, countingError(expected, weights.window))
  return {
    value,
    expected,
    low: quantile(blocks, 0.1),
    high: quantile(blocks, 0.9),
    z: (value - expected) / (scale + floors.relative * Math.abs(expected) + floors.absolute),
    onset: onsetOf(series.window, expected, value),
  }
}

function onsetOf(window: Float64Array, expected: number, value: number): number {
  const half = (value - expected) / 2
  return window.findIndex((seen) => (half >= 0 ? seen - expected >= half : seen - expected <= half))
}

/** Mean of values[from … to-1] by weight; NaN when nothing was seen. */
function pooled(values: Float64Array, weights: Float64Array, from: number, to: number): number {
  let sum = 0
  let total = 0
  for (let i = from; i < to; i++) {
    const weight = weights[i]!
    if (weight > 0 && !Number.isNaN(values[i]!)) {
      sum += values[i]! * weight
      total += weight
    }
  }
  return total > 0 ? sum / total : Number.NaN
}

function countingError(ratio: number, weights: Float64Array): number {
  let total = 0
  for (const weight of weights) if (weight > 0) total += weight
  return Math.sqrt(Math.max(ratio, 1 / Math.max(1, total)) / Math.max(1, total))
}

/** Quantile of sorted values, interpolated. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1)
  const low = sorted[Math.floor(at)]!
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at))
}
