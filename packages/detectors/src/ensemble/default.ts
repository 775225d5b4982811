import type { DetectorSpec } from '../create.ts'
import type { Feature } from '../feature.ts'

/** Vectors that the moving averages look back, and that a member's score is taken over. */
export const LOOK_BACK = 10
export const SPAN = 15
export const RIDGE = 0.1

/**
 * The ensemble that needs no setting: what changes suddenly, what does not go with the other features, and what does neither change
 * with them. docs/benchmarks.md compares it with each of its members and with others.
 */
export function defaultEnsemble(features: readonly Feature[], halfLife: number): DetectorSpec {
  const regression = { kind: 'regression', features, span: LOOK_BACK, ridge: RIDGE, halfLife } as const
  return {
    kind: 'ensemble',
    span: SPAN,
    members: [
      { kind: 'ewma', features, span: LOOK_BACK, halfLife },
      { ...regression, of: 'value' },
      { ...regression, of: 'change' },
    ],
  }
}
