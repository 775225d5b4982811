import { inverse, Matrix } from 'ml-matrix'
import { seeded } from '../statistics/sampling.ts'
import type { Attribution } from './attribution.ts'
import { type Plan, planned } from './coalitions.ts'

export interface KernelShapOptions {
  /** What a feature is replaced by where it is unknown: a few normal vectors; at least one. */
  readonly background: readonly Float64Array[]
  /** Sets of known features to try, each with every background vector; at least four per feature are. Default 1024. */
  readonly coalitions?: number
  readonly seed: number
}

const COALITIONS = 1024

/**
 * Shapley values of any function of a vector, from samples: what each feature adds to its value when it is known, on average over
 * all orders in which they may become known. Add up exactly to score(vector) − base, by constraint.
 *
 * Weighted least squares over sets of known features. Sizes of sets are taken in pairs (s and width − s) from the outside in, all
 * of them while the budget lasts; of the sizes left, sets are drawn together with their complements, which takes the errors of
 * even order out. With few features every set is tried and the values are exact; else `errors` are the standard errors over
 * the draws (sandwich estimate, about 68 % of values lie within).
 *
 * @param score finite; called coalitions × background times, each time with the same array
 *
 * Fails to see past the background: a value is odd against these vectors only. Features that go together are torn apart, so that
 * the function is asked about vectors that never come.
 *
 * Source: S. M. Lundberg, S. Lee: A unified approach to interpreting model predictions (2017); I. Covert, S. Lee: Improving
 * KernelSHAP (2021) for the pairs.
 */
export function kernelShap(
  score: (vector: Float64Array) => number,
  vector: Float64Array,
  { background, coalitions = COALITIONS, seed }: KernelShapOptions,
): Attribution {
  const width = vector.length
  if (background.length === 0) throw new RangeError('Kernel SHAP needs at least one background vector')
  const worth = worthOf(score, vector, background)
  const none = worth(new Uint8Array(width))
  const all = worth(new Uint8Array(width).fill(1))
  if (width === 1) return { base: none, values: Float64Array.of(all - none), errors: new Float64Array(1) }

  const plan = planned(width, Math.max(coalitions, 4 * width), seeded(seed))
  const worths = Float64Array.from(plan.sets, worth)
  // Against overflow: everything is reckoned in the largest of them.
  const unit = Math.max(1e-300, Math.abs(none), Math.abs(all), ...worths.map(Math.abs))
  const gains = worths.map((each) => each / unit - none / unit)
  const solution = solve(plan, gains, all / unit - none / unit)
  return {
    base: none,
    values: solution.values.map((value) => value * unit),
    errors: solution.errors.map((error) => error * unit),
  }
}

/** Mean score over the background, with the known features as in the vector. */
function worthOf(
  score: (vector: Float64Array) => number,
  vector: Float64Array,
  background: readonly Float64Array[],
) {
  const mixed = new Float64Array(vector.length)
  return (known: Uint8Array): number => {
    let mean = 0
    for (const other of background) {
      for (let i = 0; i < mixed.length; i++) mixed[i] = known[i] === 1 ? vector[i]! : other[i]!
      mean += score(mixed) / background.length
    }
    return mean
  }
}

/** Least squares of gains on sets with Σ values = total, and the standard errors that the drawn sets leave. */
function solve(plan: Plan, gains: Float64Array, total: number): Pick<Attribution, 'values' | 'errors'> {
  const { sets, weights } = plan
  const width = sets[0]!.length
  const products = new Float64Array(width)
  for (const [s, set] of sets.entries())
    for (let i = 0; i < width; i++) products[i]! += weights[s]! * gains[s]! * set[i]!
  const constrained = leastSquares(plan)
  const values = constrained(products, total)
  return { values, errors: standardErrors(plan, gains, values, constrained) }
}

type LeastSquares = (products: Float64Array, total: number) => Float64Array

/** Σ weight · set · gain → values that sum to `total`. */
function leastSquares({ sets, weights }: Plan): LeastSquares {
  const width = sets[0]!.length
  const moments = Matrix.zeros(width, width)
  for (const [s, set] of sets.entries())
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) moments.set(i, j, moments.get(i, j) + weights[s]! * set[i]! * set[j]!)
  const inverted = inverse(moments)
  const times = (right: Float64Array) =>
    right.map((_, i) => right.reduce((total, value, j) => total + inverted.get(i, j) * value, 0))
  const ones = times(new Float64Array(width).fill(1))
  return (products, total) => {
    const free = times(products)
    const excess = (sum(free) - total) / sum(ones)
    return free.map((value, i) => value - ones[i]! * excess)
  }
}

function standardErrors(
  { sets, weights, drawnFrom }: Plan,
  gains: Float64Array,
  values: Float64Array,
  constrained: LeastSquares,
): Float64Array {
  const pairs = (sets.length - drawnFrom) / 2
  if (pairs === 0) return new Float64Array(values.length)
  const influences = Array.from({ length: pairs }, (_, pair) => {
    const influence = new Float64Array(values.length)
    for (const s of [drawnFrom + 2 * pair, drawnFrom + 2 * pair + 1]) {
      const set = sets[s]!
      const residual = gains[s]! - values.reduce((total, value, i) => total + set[i]! * value, 0)
      for (let i = 0; i < influence.length; i++) influence[i]! += weights[s]! * set[i]! * residual
    }
    return constrained(influence, 0)
  })
  // The values have been fitted to these very draws: what is left of freedom.
  const free = pairs / Math.max(1, pairs - values.length)
  return values.map((_, i) => {
    const mean = influences.reduce((total, influence) => total + influence[i]!, 0) / pairs
    const squares = influences.reduce((total, influence) => total + (influence[i]! - mean) ** 2, 0)
    return Math.sqrt(free * squares)
  })
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)
