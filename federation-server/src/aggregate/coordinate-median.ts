import { medianInPlace } from '../vector/order.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'
import { perCoordinate } from './coordinates.ts'

/**
 * The median of each coordinate: lies between honest values as long as fewer than half are faulty. Loses what only a few
 * honest clients know, and follows small lies of many that stay within the honest spread (ALIE, min-max).
 *
 * D. Yin et al., "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates", ICML 2018.
 */
export class CoordinateMedian implements Aggregator {
  readonly name = 'coordinate_median'

  fewest(faulty: number): number {
    return 2 * faulty + 1
  }

  aggregate(round: AggregationRound): Aggregation {
    const vectors = checked(this, round).map(({ values }) => values)
    return { update: perCoordinate(vectors, medianInPlace), leftOut: [] }
  }
}
