import { addScaled } from '../vector/vector.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'
import { type ClippingLimit, clippingFactors } from './norm-clipping.ts'

/**
 * The mean of updates none of which is longer than a limit. Faulty ones still pull it, each by at most that norm divided by n: enough against
 * scaling, not against many small lies. Every client counts alike, since a weight would undo the limit.
 */
export class ClippedMean implements Aggregator {
  readonly name = 'clipped_mean'
  readonly #limit: ClippingLimit

  constructor(limit: ClippingLimit = 'median') {
    this.#limit = limit
  }

  fewest(faulty: number): number {
    return 2 * faulty + 1
  }

  aggregate(round: AggregationRound): Aggregation {
    const updates = checked(this, round)
    const update = new Float64Array(round.weights.length)
    // Not by way of NormClipping: it would make a copy of each update.
    for (const [i, factor] of clippingFactors(updates, this.#limit, round.faulty).entries())
      addScaled(update, updates[i]!.values, factor / updates.length)
    return { update, leftOut: [] }
  }
}
