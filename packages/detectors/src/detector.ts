import type { History } from './history.ts'

/**
 * A detector learns from feature vectors of one entity and scores them.
 *
 * Contract (detector.contract.ts is its test suite, which every detector passes):
 * - A vector has `features.length` values in the declared order; NaN is a missing value. ±Inf never arrives. `timeMs` is its
 *   event time, never smaller than the one before.
 * - `fit` learns from scratch and forgets everything before, the context too; it may take long. `learn` takes one more normal
 *   vector in, in little time; detectors that are only fitted ignore it. The same calls give the same state.
 * - `score` never learns and never throws; before `ready` it returns 0. It returns a raw, unbounded, non-negative number,
 *   larger = more unusual, never NaN. Calibration to [0, 1] is not the detector's job (see calibration/).
 * - A detector may judge a vector by those just before it, its context. `score` and `explain` speak of the next vector after
 *   the context; `observe` puts a vector into it, once, after it was scored, whether or not it is learned as well.
 * - `explain` speaks of the vector just as `score` does: one part per feature, parts are non-negative and sum to 1
 *   (all 0 when the score is 0).
 * - `save` then `load` gives a detector whose scores are bit-identical. `load` refuses foreign or corrupt bytes with a
 *   ModelError and leaves the detector as it was.
 * - Pure: no clock, no I/O, randomness only from the seed in its options. Memory is bounded by its options.
 */
export interface Detector {
  readonly name: string
  readonly features: readonly string[]
  /** True once enough has been learned for a score to mean something. */
  readonly ready: boolean
  /**
   * True where the raw score is −log10 of a p-value among all that was observed: OnlineDetector takes it as it is, and keeps nothing from
   * such a detector.
   */
  readonly calibrated?: boolean
  fit(history: History): void
  learn(vector: Float64Array, timeMs: number): void
  score(vector: Float64Array, timeMs: number): number
  observe(vector: Float64Array, timeMs: number): void
  explain(vector: Float64Array, timeMs: number): Explanation
  save(): Uint8Array
  load(bytes: Uint8Array): void
}

/** Per feature, in the detector's order. `expected`, `low` and `high` are in the feature's unit; NaN where unknown. */
export interface Explanation {
  readonly parts: Float64Array
  readonly expected: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
}
