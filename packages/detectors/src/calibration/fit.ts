import { effectiveSize } from '../statistics/effective-size.ts'
import { fitPareto } from '../statistics/pareto.ts'
import { bendOf } from './bend.ts'
import { Calibration, KNOTS } from './calibration.ts'
import { countTail } from './count-tail.ts'
import { shareFrom } from './share-from.ts'

/** The shape that tails of normal operation have, a little heavier than exponential, and how far it differs from one to the next. */
const SHAPE = { mean: 0.05, deviation: 0.35 }
/** Independent excesses that the scale which the caller expects weighs. */
const SCALE_WEIGHT = 20
/** By how many of its own standard errors the scale is widened. */
const WIDENING = 0.3

export interface FitOptions {
  /** Scale of the tail to expect of such raw scores, in their unit; about 0.5 for scores in standard deviations. Not of a counted tail. */
  readonly expectedScale?: number | undefined
  /**
   * `fitted` (default): the top few per cent follow a Pareto tail. `counted`: nothing is rarer
   * than it was counted, as far out as there are samples: for scores whose tails have no usual form (votes, ties, neighbours, counts).
   */
  readonly tail?: 'fitted' | 'counted' | undefined
}

/** Independent samples that a counted tail begins with at the least, and how many samples in a row count as an independent one at the most. */
const COUNTED = { least: 4, alike: 10 }

/**
 * Fits the calibration to raw scores of normal operation, in the order in which they came.
 *
 * Peaks over threshold (A. Siffer et al.: Anomaly detection in streams with extreme value theory, KDD 2017), with the fit of
 * Zhang and Stephens in place of Grimshaw's. What it does about short and correlated data:
 * - The samples count as `effectiveSize` of them, since windows overlap. The tail begins where about ten independent excesses
 *   are left: at the top 2 % to 5 % with enough data, at the median at worst.
 * - The shape is drawn towards 0.05 by its own uncertainty: one hiccup in a warm-up says little of how heavy a tail is. The scale is
 *   drawn towards the expected one with the weight of twenty independent excesses, and widened by 0.3 of its standard error
 *   1/√excesses. So a young calibration lives on what is known of such scores, and an old one on its data.
 * - Shares are conformal: (k + 1)/(n + 1), never 0.
 * - An estimated end of the tail is not believed: from p = 1/(n + 1) on it continues exponentially.
 *
 * A counted tail has none of these expectations: no usual scale, no outliers. Its p-values are conformal, and those of a tie are of all who
 * share it: where one vector in a hundred has the largest possible score, that score is one in a hundred.
 *
 * @param raw non-negative numbers, NaN not allowed; at least one
 * @returns a calibration for which a share of about 10^(-6s) of further normal vectors score ≥ s
 */
export function fitCalibration(raw: Float64Array, options: FitOptions = {}): Calibration {
  const { tail = 'fitted' } = options
  const expectedScale = tail === 'counted' ? undefined : options.expectedScale
  if (raw.length === 0) throw new RangeError('calibration needs at least one raw score')
  const all = { raw, effective: effectiveSize(raw) }
  if (tail === 'counted') return countTail(raw, fit(all, undefined, countedShare(all)))
  const kept = expectedScale === undefined ? all : withoutOutliers(all, expectedScale)
  return fit(kept, expectedScale, fittedShare(kept))
}

/** Raw scores, and how many independent ones they are worth: the most costly of all that is reckoned here. */
interface Samples {
  readonly raw: Float64Array
  readonly effective: number
}

/** Share of the samples that is taken for the tail. */
const fittedShare = ({ effective }: Samples): number =>
  Math.min(0.5, Math.max(0.02, Math.min(0.05, 100 / effective), 10 / effective))

/** Scores that follow the hour of the day are hardly ever independent; a p-value can be counted of them all the same. */
const countedShare = ({ raw, effective }: Samples): number =>
  Math.min(0.5, COUNTED.least / Math.max(effective, raw.length / COUNTED.alike))

function fit({ raw, effective }: Samples, expectedScale: number | undefined, share: number): Calibration {
  const n = raw.length
  const sorted = raw.toSorted()
  const first = Math.max(0, n - Math.max(1, Math.round(share * n)))
  const start = sorted[first]!
  const reached = shareFrom(sorted, start)
  const excesses = sorted
    .subarray(first)
    .map((v) => v - start)
    .filter((v) => v > 0)
  // Many samples may lie just where the tail starts (detectors that mostly say 0): they are no part of it.
  const mass = (excesses.length + 1) / (n + 1)
  const tail = fitTail(sorted, excesses, (excesses.length * effective) / n, expectedScale)
  const bend = bendOf(tail.scale, tail.shape, mass, 1 / (n + 1))
  const head = [n, effective, start, mass, tail.scale, tail.shape, bend.at, bend.mass, bend.scale]
  return new Calibration(Float64Array.from([...head, ...knots(sorted, start, reached)]))
}

/** Part of the samples, from above, that tells what lies beyond: below what a few per cent of outliers can reach. */
const OUTER = { from: 0.2, to: 0.1 }
/** Normal samples to expect beyond what is taken for an outlier. */
const RARE = 0.5
/** Share of the samples that are taken for outliers at most. */
const MOST = 0.1

/** Independent samples from which outliers can be told: among few, one is no small part of what is normal. */
const ENOUGH = 30
/** Rounds in which outliers are left out and what lies beyond is judged anew: outliers widen what they are judged by. */
const ROUNDS = 3

/**
 * Samples without those that are too far off to be normal: history may hold anomalies that nobody has labelled, and three per cent of them
 * would be all of the tail. Judged by an exponential tail through the samples from the top 20 % to the top 10 %, the rest censored, its scale
 * drawn to the expected one. Normal scores fall faster farther out, so that hardly any of them is lost.
 */
function withoutOutliers(all: Samples, expectedScale: number): Samples {
  const { raw } = all
  if (all.effective < ENOUGH) return all
  // Where most scores are the same, as of a detector that mostly says 0, the others are no outliers.
  const sorted = raw.toSorted()
  if (sorted[Math.floor((1 - OUTER.from) * (raw.length - 1))]! <= sorted[0]!) return all
  const fewest = (1 - MOST) * raw.length
  let kept = all
  for (let round = 0; round < ROUNDS; round++) {
    const limit = farthest(kept, expectedScale)
    const next = kept.raw.filter((value) => value <= limit)
    if (next.length === kept.raw.length || next.length < fewest) break
    kept = { raw: next, effective: effectiveSize(next) }
  }
  return kept
}

/** Beyond it, fewer than `RARE` normal samples are to be expected. */
function farthest({ raw, effective }: Samples, expectedScale: number): number {
  const sorted = raw.toSorted()
  const above = (share: number) => sorted[Math.floor((1 - share) * (raw.length - 1))]!
  const [from, to] = [above(OUTER.from), above(OUTER.to)]
  let sum = 0
  let between = 0
  for (const value of sorted) {
    if (value <= from) continue
    sum += Math.min(value, to) - from
    if (value <= to) between++
  }
  const independent = (between * effective) / raw.length
  const seen = between > 0 ? sum / between : expectedScale
  const scale = (independent * seen + SCALE_WEIGHT * expectedScale) / (independent + SCALE_WEIGHT)
  return from + scale * Math.log((OUTER.from * raw.length) / RARE)
}

function fitTail(
  sorted: Float64Array,
  excesses: Float64Array,
  independent: number,
  expected: number | undefined,
) {
  const n = sorted.length
  const largest = sorted[n - 1]!
  // The spread of the upper half, as an exponential would have it; the scale of a tail without excesses.
  const bulk = (sorted[Math.floor(0.9 * (n - 1))]! - sorted[Math.floor(0.5 * (n - 1))]!) / Math.log(5)
  const fallback = bulk > 0 ? bulk : largest > 0 ? largest / 4 : 1
  const fit = excesses.length > 0 ? fitPareto(excesses) : { scale: expected ?? fallback, shape: 0 }
  const shape = drawnShape(fit.shape, independent)
  const drawn =
    expected === undefined
      ? fit.scale
      : (independent * fit.scale + SCALE_WEIGHT * expected) / (independent + SCALE_WEIGHT)
  const widened = drawn * (1 + WIDENING / Math.sqrt(Math.max(1, independent)))
  return { scale: Math.max(widened, 1e-9 * largest, 1e-300), shape: Math.max(-0.25, Math.min(1, shape)) }
}

/**
 * Posterior mean of the shape: the variance of its maximum likelihood estimate is (1 + shape)²/excesses (R. L. Smith: Estimating tails of
 * probability distributions, 1987).
 */
function drawnShape(fitted: number, independent: number): number {
  const known = 1 / SHAPE.deviation ** 2
  const seen = independent / Math.max(1, 1 + fitted) ** 2
  return (known * SHAPE.mean + seen * fitted) / (known + seen)
}

/** Values and shares from the smallest sample to the start of the tail, evenly spaced in the logarithm of the share. */
function knots(sorted: Float64Array, start: number, reached: number): number[] {
  const out: number[] = []
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < KNOTS - 1; i++) {
    const share = reached ** (i / (KNOTS - 1))
    const value = sorted[Math.min(sorted.length - 1, Math.floor((1 - share) * sorted.length))]!
    if (value <= last || value >= start) continue
    out.push(value, shareFrom(sorted, value))
    last = value
  }
  return [...out, start, reached]
}
