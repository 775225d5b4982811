import { addScaledDense } from '../vector/dense.ts'
import { piece } from '../vector/vector.ts'
import type { AggregationRound, Prepared, PreStep } from './aggregator.ts'
import { checked } from './checked.ts'
import { neighbours, squaredDistances } from './distances.ts'

/** Updates of a round that it is affordable for: it makes a copy of each, and compares all pairs. */
export const MOST_MIXED = 200

/** Values of all updates that are mixed at a time: they stay in the cache. */
const PIECE = 512

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
    // By client, not by distance: equal sets then give equal bits.
    const chosen = near.map((order) => order.slice(0, nearest).sort())
    const mixed = updates.map(() => new Float64Array(round.weights.length))
    const rooms = updates.map(() => new Float64Array(PIECE))
    for (let from = 0; from < round.weights.length; from += PIECE) {
      const to = Math.min(round.weights.length, from + PIECE)
      const parts = vectors.map((vector, row) => piece(vector, from, to, rooms[row]!))
      for (const [row, values] of mixed.entries()) {
        const sums = values.subarray(from, to)
        for (const other of chosen[row]!) addScaledDense(sums, parts[other]!, 1 / nearest)
      }
    }
    return { updates: updates.map((update, row) => ({ ...update, values: mixed[row]! })), leftOut: [] }
  }
}
