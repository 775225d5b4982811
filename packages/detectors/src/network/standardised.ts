import type { Feature } from '../feature.ts'
import type { History } from '../history.ts'
import { Standardiser } from '../standardiser/standardiser.ts'

/** A history as networks are trained on it: in its own standard deviations, without gaps, row by row in single precision. */
export function standardised(features: readonly Feature[], history: History): Float32Array {
  const standardiser = new Standardiser(features)
  standardiser.fit(history)
  return Float32Array.from(standardiser.applyAll(history))
}
