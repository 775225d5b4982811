import { weightedMean } from '../vector/vector.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { type ClippingLimit, NormClipping } from './norm-clipping.ts'

/**
 * The mean of updates none of which is longer than a limit. Faulty ones still pull it, each by at most that norm divided by n: enough against
 * scaling, not against many small lies. Every client counts alike, since a weight would undo the limit.
 */
export class ClippedMean implements Aggregator {
  readonly name = 'clipped_mean'
  readonly #clipping: NormClipping

  constructor(limit: ClippingLimit = 'median') {
    this.#clipping = new NormClipping(limit)
  }

  fewest(faulty: number): number {
    return this.#clipping.fewest(faulty)
  }

  aggregate(round: AggregationRound): Aggregation {
    const { updates } = this.#clipping.apply(round)
    return {
      update: weightedMean(
        updates.map(({ values }) => values),
        updates.map(() => 1),
      ),
      leftOut: [],
    }
  }
}
