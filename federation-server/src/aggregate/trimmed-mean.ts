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
    const apart = new Float64Array(vectors.length)
    return { update: perCoordinate(vectors, (values) => trimmedMean(values, faulty, apart)), leftOut: [] }
  }
}

/**
 * Split by sign first: few updates move a coordinate, most values of a quantised one are 0, and what is 0 need not be ordered.
 *
 * @param values changed
 */
function trimmedMean(values: Float64Array, trimmed: number, apart: Float64Array): number {
  const count = values.length
  let negative = 0
  let positive = 0
  for (let i = 0; i < count; i++) {
    // Without a branch, which no processor could foresee.
    const value = values[i]!
    apart[negative] = -value
    negative += Number(value < 0)
    values[positive] = value
    positive += Number(value > 0)
  }
  const zeros = count - negative - positive
  // What is left to be trimmed at each end when all values of that sign are gone goes through the zeros to the smallest of the other.
  const sum = (sizes: Float64Array, of: number, others: number) =>
    sumBetween(sizes.subarray(0, of), Math.max(0, trimmed - others - zeros), of - trimmed)
  return (sum(values, positive, negative) - sum(apart, negative, positive)) / (count - 2 * trimmed)
}

/** Sum of the values that are neither the `low` smallest nor from the `high`-th on. */
function sumBetween(values: Float64Array, low: number, high: number): number {
  if (high <= low) return 0
  if (high < values.length) select(values, high)
  const kept = values.subarray(0, high)
  if (low > 0) select(kept, low)
  let sum = 0
  for (let i = low; i < high; i++) sum += kept[i]!
  return sum
}
