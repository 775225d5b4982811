import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'
import { perCoordinate } from './coordinates.ts'
import { neighbours, squaredDistances } from './distances.ts'

/**
 * Krum picks n − 2f updates one after the other; of each coordinate of these, the mean of the n − 4f values nearest to their median.
 * So that an update which Krum takes for its distance as a whole cannot hide one large coordinate. Needs the most clients of all rules.
 *
 * E. M. El Mhamdi, R. Guerraoui, S. Rouault, "The Hidden Vulnerability of Distributed Learning in Byzantium", ICML 2018.
 */
export class Bulyan implements Aggregator {
  readonly name = 'bulyan'

  fewest(faulty: number): number {
    return 4 * faulty + 3
  }

  aggregate(round: AggregationRound): Aggregation {
    const updates = checked(this, round)
    const { faulty, rng } = round
    const vectors = updates.map(({ values }) => values)
    const chosen = pick(squaredDistances(vectors, rng), vectors.length, faulty)
    const kept = vectors.filter((_, row) => chosen[row] === 1)
    const near = kept.length - 2 * faulty
    return {
      update: perCoordinate(kept, (values) => meanAroundMedian(values, near)),
      leftOut: updates.flatMap(({ clientId }, row) =>
        chosen[row] === 1 ? [] : [{ clientId, reason: 'outlying' as const }],
      ),
    }
  }
}

/** 1 for each row that Krum picks, when it picks n − 2f and each time looks at those that are left. */
function pick(distances: Float64Array, count: number, faulty: number): Uint8Array {
  const near = neighbours(distances, count).map((order, row) => ({
    order,
    // In the order in which they are summed up, again and again.
    distances: Float64Array.from(order, (other) => distances[row * count + other]!),
  }))
  const picked = new Uint8Array(count)
  for (let left = count; left > 2 * faulty; left--) {
    const nearest = Math.max(1, left - faulty - 2)
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (const [row, neighbourhood] of near.entries()) {
      if (picked[row] === 1) continue
      const score = krumScore(neighbourhood, nearest, picked)
      if (score >= least) continue
      least = score
      best = row
    }
    picked[best] = 1
  }
  return picked
}

interface Neighbourhood {
  /** Rows by their distance, the own one first. */
  readonly order: Int32Array
  /** Squared, in that order. */
  readonly distances: Float64Array
}

/** Sum of the squared distances to the nearest neighbours that are not gone. */
function krumScore({ order, distances }: Neighbourhood, nearest: number, gone: Uint8Array): number {
  let sum = 0
  let left = nearest
  for (let i = 1; i < order.length && left > 0; i++) {
    if (gone[order[i]!] === 1) continue
    sum += distances[i]!
    left--
  }
  return sum
}

/** Of the sorted values those around the median, by leaving out the farther end again and again. */
function meanAroundMedian(values: Float64Array, near: number): number {
  values.sort()
  const half = values.length >> 1
  const median = values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2
  let low = 0
  let high = values.length
  while (high - low > near) {
    if (median - values[low]! > values[high - 1]! - median) low++
    else high--
  }
  let sum = 0
  for (let i = low; i < high; i++) sum += values[i]!
  return sum / near
}
