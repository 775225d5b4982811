import type { Calibration } from '../calibration/calibration.ts'
import type { Detector } from '../detector.ts'
import type { Attribution } from './attribution.ts'
import { type KernelShapOptions, kernelShap } from './kernel-shap.ts'
import { logit } from './logit-parts.ts'

/**
 * What each feature adds to the logit of the calibrated score, for any detector: where it has no exact shares (networks,
 * neighbours), or where the score's own path from normal to here is wanted. Base + Σ values = logit of the score, exactly; each value
 * is known to its standard error. In the detector's context, which stays as it is.
 *
 * Cost: coalitions × background scores; not for the hot path.
 */
export function logitShap(
  detector: Detector,
  calibration: Calibration,
  vector: Float64Array,
  timeMs: number,
  options: KernelShapOptions,
): Attribution {
  return kernelShap((mixed) => logit(calibration.score(detector.score(mixed, timeMs))), vector, options)
}
