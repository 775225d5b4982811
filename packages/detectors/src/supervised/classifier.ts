import type { Attribution } from '../explain/attribution.ts'
import type { Labelled } from './labelled-set.ts'

/**
 * Learns from vectors with a verdict how probable it is that a vector is a true anomaly. Used to re-rank (`rerank`), never to
 * decide by itself: what no operator has seen yet it knows nothing about.
 *
 * Contract (classifier.contract.ts is its test suite):
 * - A vector has `features.length` values in the declared order; NaN is a missing value. ±Inf never arrives.
 * - `fit` learns from scratch; the same labelled vectors give the same model. With fewer than `MINIMUM` of either verdict it is not ready.
 * - `probability` is in [0, 1], never NaN; 0.5 before `ready`.
 * - `explain` is exact: base + Σ values = `output`, in which the probability is monotone.
 * - `save` then `load` gives bit-identical probabilities. `load` refuses foreign or corrupt bytes with a ModelError and leaves the
 *   classifier as it was.
 * - Pure: no clock, no I/O, randomness only from the seed in its options. Memory is bounded by its options and what it was fitted on.
 */
export interface Classifier {
  readonly name: string
  readonly features: readonly string[]
  readonly ready: boolean
  fit(labelled: Labelled): void
  probability(vector: Float64Array): number
  /** What is explained: the probability itself, or its logit. */
  output(vector: Float64Array): number
  explain(vector: Float64Array): Attribution
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

/** Vectors of each verdict below which nothing is learned. */
export const MINIMUM = 5

/** How much a vector of each verdict counts; `balanced`: both verdicts count alike, however many there are of them. */
export type ClassWeights = 'balanced' | { readonly anomalous: number; readonly normal: number }

/** Weights with a mean of 1 where balanced, as scikit-learn has them. */
export function weightsOf(classWeights: ClassWeights, { anomalous, normal }: Labelled) {
  if (classWeights !== 'balanced') return classWeights
  const half = (anomalous.length + normal.length) / 2
  return { anomalous: half / anomalous.length, normal: half / normal.length }
}
