import { weightedMean } from '../vector/vector.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'

/**
 * The mean, weighted by the samples that each client trained on, at most those that its enrolment allows. The best there is when all
 * are honest; one update moves it anywhere, so it refuses any round with faulty ones.
 *
 * B. McMahan et al., "Communication-Efficient Learning of Deep Networks from Decentralized Data", AISTATS 2017.
 */
export class FedAvg implements Aggregator {
  readonly name = 'fed_avg'

  fewest(faulty: number): number {
    return faulty === 0 ? 1 : Number.POSITIVE_INFINITY
  }

  aggregate(round: AggregationRound): Aggregation {
    const updates = checked(this, round)
    const weights = updates.map(({ samples, sampleCap }) => Math.min(samples, sampleCap))
    return {
      update: weightedMean(
        updates.map(({ values }) => values),
        weights,
      ),
      leftOut: [],
    }
  }
}
