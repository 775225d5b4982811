import type { DetectorSpec } from '../create.ts'
import type { Feature } from '../feature.ts'

/** Vectors that the moving averages look back. */
const LOOK_BACK = 10
/** Vectors that a member's score is taken over. */
export const SPAN = 15
const RIDGE = 0.1

export const ewmaSpec = (features: readonly Feature[], halfLife: number): DetectorSpec => ({
  kind: 'ewma',
  features,
  span: LOOK_BACK,
  halfLife,
})

export const regressionSpec = (
  features: readonly Feature[],
  halfLife: number,
  of: 'value' | 'change',
): DetectorSpec => ({ kind: 'regression', features, of, span: LOOK_BACK, ridge: RIDGE, halfLife })

/** Vectors of a course, the variance that its components hold, and how many they are at the most. */
const COURSE = { window: 5, variance: 0.9, components: 8 }

export const dynamicPcaSpec = (
  features: readonly Feature[],
  halfLife: number,
  of: 'value' | 'change',
): DetectorSpec => ({ kind: 'dynamic-pca', features, of, span: LOOK_BACK, ...COURSE, halfLife })

/**
 * The ensemble that needs no setting: what changes suddenly, what goes neither with the other features nor with how things went just
 * before, and what changes unlike either. docs/benchmarks.md compares it with others.
 */
export function defaultEnsemble(features: readonly Feature[], halfLife: number): DetectorSpec {
  return {
    kind: 'ensemble',
    span: SPAN,
    members: [
      ewmaSpec(features, halfLife),
      dynamicPcaSpec(features, halfLife, 'value'),
      dynamicPcaSpec(features, halfLife, 'change'),
    ],
  }
}
