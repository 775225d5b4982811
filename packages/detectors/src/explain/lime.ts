import { Matrix, solve } from 'ml-matrix'
import { normal, seeded } from '../statistics/sampling.ts'

export interface LimeOptions {
  /** What counts as one step of each feature, in its own unit: its standard deviation in normal operation. > 0 */
  readonly scales: Float64Array
  /** Vectors tried around the one in question. Default 1000. */
  readonly samples?: number
  /** Standard deviation of the vectors tried, in steps. Default 1. */
  readonly spread?: number
  /** Distance in steps at which a vector counts 1/e. Default 0.75 · √features. */
  readonly reach?: number
  /** Ridge penalty, in vectors that say that a feature does nothing. Default 1. */
  readonly ridge?: number
  readonly seed: number
}

/** score(x) ≈ intercept + Σ weights[i] · (x[i] − vector[i]) / scales[i], near the vector. */
export interface LocalLine {
  /** How much the score moves with one step of each feature. */
  readonly weights: Float64Array
  readonly intercept: number
  /** Share of the score's variance near the vector that the line explains, weighted as it was fitted; below 0.5 do not trust it. */
  readonly r2: number
}

/**
 * A straight line that does near one vector what the score does: which way, and how fast, each feature moves it. Perturbs the vector,
 * weighs what comes out by nearness and fits a ridge regression. The vector itself is among those tried. A missing value stays
 * missing and has the weight 0.
 *
 * Not a share of the score, which Shapley values are: a feature that is far off may have a weight of 0 where the score is flat.
 *
 * @param score finite; called `samples` times, each time with the same array
 *
 * Source: M. T. Ribeiro, S. Singh, C. Guestrin: "Why should I trust you?" (KDD 2016), without its choice of few features.
 */
export function localLine(
  score: (vector: Float64Array) => number,
  vector: Float64Array,
  { scales, samples = 1000, spread = 1, reach, ridge = 1, seed }: LimeOptions,
): LocalLine {
  const width = vector.length
  const square = (reach ?? 0.75 * Math.sqrt(width)) ** 2
  const rng = seeded(seed)
  const steps = Array.from({ length: samples }, (_, s) =>
    Float64Array.from({ length: width }, () => (s === 0 ? 0 : spread * normal(rng))),
  )
  const tried = new Float64Array(width)
  const scores = Float64Array.from(steps, (step) => {
    for (let i = 0; i < width; i++) tried[i] = vector[i]! + step[i]! * scales[i]!
    return score(tried)
  })
  for (const step of steps) for (let i = 0; i < width; i++) if (Number.isNaN(vector[i]!)) step[i] = 0
  // Against overflow: everything is reckoned in the largest score.
  const unit = Math.max(1e-300, ...scores.map(Math.abs))
  const kernel = Float64Array.from(steps, (step) => Math.exp(-step.reduce((a, b) => a + b * b, 0) / square))
  const fit = weightedRidge(
    steps,
    scores.map((each) => each / unit),
    kernel,
    ridge,
  )
  return { weights: fit.weights.map((weight) => weight * unit), intercept: fit.intercept * unit, r2: fit.r2 }
}

/** The intercept is not penalised. */
function weightedRidge(
  rows: readonly Float64Array[],
  targets: Float64Array,
  kernel: Float64Array,
  ridge: number,
): LocalLine {
  const width = rows[0]!.length
  const total = kernel.reduce((a, b) => a + b, 0)
  const mean = new Float64Array(width)
  let targetMean = 0
  for (const [r, row] of rows.entries()) {
    targetMean += (kernel[r]! / total) * targets[r]!
    for (let i = 0; i < width; i++) mean[i]! += (kernel[r]! / total) * row[i]!
  }
  const moments = Matrix.eye(width).mul(ridge)
  const products = Matrix.zeros(width, 1)
  for (const [r, row] of rows.entries())
    for (let i = 0; i < width; i++) {
      const weighted = kernel[r]! * (row[i]! - mean[i]!)
      products.set(i, 0, products.get(i, 0) + weighted * (targets[r]! - targetMean))
      for (let j = 0; j < width; j++) moments.set(i, j, moments.get(i, j) + weighted * (row[j]! - mean[j]!))
    }
  const weights = Float64Array.from(solve(moments, products).to1DArray())
  const intercept = targetMean - weights.reduce((sum, weight, i) => sum + weight * mean[i]!, 0)
  let missed = 0
  let variance = 0
  for (const [r, row] of rows.entries()) {
    const said = weights.reduce((sum, weight, i) => sum + weight * row[i]!, intercept)
    missed += kernel[r]! * (targets[r]! - said) ** 2
    variance += kernel[r]! * (targets[r]! - targetMean) ** 2
  }
  // A constant is explained by the intercept alone.
  return { weights, intercept, r2: variance > 1e-24 * total ? 1 - missed / variance : 1 }
}
