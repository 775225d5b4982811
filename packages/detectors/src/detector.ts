/**
 * A detector learns from feature vectors of one entity and scores them.
 *
 * Contract (detector.contract.ts is its test suite, which every detector passes):
 * - A vector has `features.length` values in the declared order; NaN is a missing value. ±Inf never arrives.
 * - `score` never learns and never throws; before `ready` it returns 0. It returns a raw, unbounded, non-negative number,
 *   larger = more unusual, never NaN. Calibration to [0, 1] is not the detector's job (see calibration/).
 * - `learn` may be called at any time, before or after `score`; the same vectors in the same order give the same state.
 * - `explain` speaks of the vector just as `score` does: one part per feature, parts are non-negative and sum to 1
 *   (all 0 when the score is 0).
 * - `save` then `load` gives a detector whose scores are bit-identical. `load` refuses foreign or corrupt bytes with a
 *   ModelError and leaves the detector as it was.
 * - Pure: no clock, no I/O, randomness only from the generator passed to its factory. Memory is bounded by its options.
 */
export interface Detector {
  readonly name: string
  readonly features: readonly string[]
  /** True once enough has been learned for a score to mean something. */
  readonly ready: boolean
  learn(vector: Float64Array): void
  score(vector: Float64Array): number
  explain(vector: Float64Array): Explanation
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
