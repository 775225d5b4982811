import type { AnomalyType, Contribution } from '@adf/contract'
import type { FeatureVector } from './vector.ts'

export interface Scored {
  readonly vector: FeatureVector
  /** Calibrated: min(1, -log10(p)/6). */
  readonly score: number
  /** -log10(p)/6 without the upper end of the score, 100 at most; 2 at least when a fixed limit is violated. */
  readonly severity: number
  readonly threshold: number
  /** severity ≥ threshold. Up to a threshold of 1: score ≥ threshold. */
  readonly anomalous: boolean
  /** It is anomalous, and the vector of the entity before it was not. */
  readonly first: boolean
  /** The detector that says most. */
  readonly detector: string
  /** All that have it over the threshold by themselves, those without a say too. Empty unless anomalous. */
  readonly seenBy: readonly string[]
  readonly type: AnomalyType
  /** Largest share first; shares under 1 % are left out. Empty unless anomalous. */
  readonly contributions: readonly Contribution[]
}
