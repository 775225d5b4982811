import { median, medianInPlace } from '../vector/order.ts'
import { squaredDistance, weightedMean } from '../vector/vector.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'
import { perCoordinate } from './coordinates.ts'

const MOST_STEPS = 24
/** Of the median distance: nearer counts as so near, and a step as short as that is the last. */
const SMOOTHING = 1e-5

/**
 * The point with the least sum of distances to all updates, by Weiszfeld's algorithm: again and again the mean weighted by the
 * inverse of each distance, smoothed where that is 0. Begins at the coordinate median, since from a mean that is far off a bounded
 * number of steps might not lead back. Like the other medians it follows small lies of many.
 *
 * K. Pillutla, S. Kakade, Z. Harchaoui, "Robust Aggregation for Federated Learning", IEEE TSP 2022 (RFA); E. Weiszfeld 1937.
 */
export class GeometricMedian implements Aggregator {
  readonly name = 'geometric_median'

  fewest(faulty: number): number {
    return 2 * faulty + 1
  }

  aggregate(round: AggregationRound): Aggregation {
    const vectors = checked(this, round).map(({ values }) => values)
    let centre = perCoordinate(vectors, medianInPlace)
    const away = () => vectors.map((vector) => Math.sqrt(squaredDistance(vector, centre)))
    let distances = away()
    const scale = median(distances)
    // Half of them coincide: that is where the least sum is.
    if (scale === 0) return { update: centre, leftOut: [] }
    for (let step = 0; step < MOST_STEPS; step++) {
      const before = centre
      centre = weightedMean(
        vectors,
        distances.map((distance) => scale / Math.max(SMOOTHING * scale, distance)),
      )
      if (squaredDistance(centre, before) <= (SMOOTHING * scale) ** 2) break
      distances = away()
    }
    return { update: centre, leftOut: [] }
  }
}
