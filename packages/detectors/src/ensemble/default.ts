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

/**
 * The ensemble that needs no setting: what changes suddenly, what does not go with the other features, and what does neither change
 * with them. docs/benchmarks.md compares it with others.
 */
export function defaultEnsemble(features: readonly Feature[], halfLife: number): DetectorSpec {
  return {
    kind: 'ensemble',
    span: SPAN,
    members: [
      ewmaSpec(features, halfLife),
      regressionSpec(features, halfLife, 'value'),
      regressionSpec(features, halfLife, 'change'),
    ],
  }
}
