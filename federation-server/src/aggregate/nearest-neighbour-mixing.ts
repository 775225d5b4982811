import { addScaled } from '../vector/vector.ts'
import type { AggregationRound, Prepared, PreStep } from './aggregator.ts'
import { checked } from './checked.ts'
import { neighbours, squaredDistances } from './distances.ts'

/**
 * Replaces each update by the mean of its n − f nearest ones, itself among them: honest clients that differ become alike, so that the rule
 * behind it can tell who is not. O(n²) in time over the length of an update and a copy of each: for rounds of some hundred clients.
 *
 * Y. Allouah et al., "Fixing by Mixing: A Recipe for Optimal Byzantine ML under Heterogeneity", AISTATS 2023 (arXiv 2302.01772).
 */
export class NearestNeighbourMixing implements PreStep {
  readonly name = 'nearest_neighbour_mixing'

  fewest(faulty: number): number {
    return 2 * faulty + 1
  }

  apply(round: AggregationRound): Prepared {
    const updates = checked(this, round)
    const vectors = updates.map(({ values }) => values)
    const near = neighbours(squaredDistances(vectors, round.rng), vectors.length)
    const nearest = vectors.length - round.faulty
    const mixed = updates.map((update, row) => {
      const values = new Float64Array(round.weights.length)
      // By client, not by distance: equal sets then give equal bits.
      for (const other of near[row]!.slice(0, nearest).sort()) addScaled(values, vectors[other]!, 1 / nearest)
      return { ...update, values }
    })
    return { updates: mixed, leftOut: [] }
  }
}
