import { select } from '../vector/order.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'
import { perCoordinate } from './coordinates.ts'

/**
 * The mean of each coordinate without its f smallest and f largest values: uses more of what honest clients know than the
 * median, with the same weakness.
 *
 * D. Yin et al., "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates", ICML 2018.
 */
export class TrimmedMean implements Aggregator {
  readonly name = 'trimmed_mean'

  fewest(faulty: number): number {
    return 2 * faulty + 1
  }

  aggregate(round: AggregationRound): Aggregation {
    const vectors = checked(this, round).map(({ values }) => values)
    const { faulty } = round
    return { update: perCoordinate(vectors, (values) => trimmedMean(values, faulty)), leftOut: [] }
  }
}

function trimmedMean(values: Float64Array, trimmed: number): number {
  const end = values.length - trimmed
  if (trimmed > 0) {
    select(values, trimmed)
    // The smallest are out of the way, and the k-th of the rest is the (k + trimmed)-th of all.
    const rest = values.subarray(trimmed)
    select(rest, end - trimmed)
  }
  let sum = 0
  for (let i = trimmed; i < end; i++) sum += values[i]!
  return sum / (end - trimmed)
}
