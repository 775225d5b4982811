import type { AnomalyType, Contribution } from '@adf/contract'
import type { FeatureVector } from './vector.ts'

export interface Scored {
  readonly vector: FeatureVector
  /** Calibrated: min(1, -log10(p)/6). */
  readonly score: number
  readonly threshold: number
  /** score ≥ threshold. */
  readonly anomalous: boolean
  /** The detector whose score is the largest. */
  readonly detector: string
  /** Both detectors of today judge single vectors, hence always `point`. */
  readonly type: AnomalyType
  /** Largest share first; shares under 1 % are left out. Empty unless anomalous. */
  readonly contributions: readonly Contribution[]
}
