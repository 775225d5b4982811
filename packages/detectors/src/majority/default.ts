import type { DetectorSpec } from '../create.ts'
import type { Feature } from '../feature.ts'

const BINS = 20

/** The vote of three that look at a vector in unlike ways: by random splits, by its neighbours, and feature by feature. */
export function majorityEnsemble(
  features: readonly Feature[],
  { halfLife, seed = 1 }: { readonly halfLife: number; readonly seed?: number },
): DetectorSpec {
  return {
    kind: 'majority',
    members: [
      { kind: 'isolation-forest', features, seed },
      { kind: 'lof', features, seed },
      { kind: 'hbos', features, bins: BINS, edges: 'dynamic', halfLife },
    ],
  }
}
