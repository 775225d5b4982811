import { select } from '../vector/order.ts'
import { weightedMean } from '../vector/vector.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'
import { squaredDistances } from './distances.ts'

/**
 * Krum takes the update that is nearest to its n − f − 2 nearest neighbours; Multi-Krum takes the mean of the n − f that are nearest
 * to theirs. Throws out what is far off as a whole; is led astray by lies within the honest spread, and by honest clients of whom each is different.
 *
 * P. Blanchard et al., "Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent", NeurIPS 2017.
 */
export class Krum implements Aggregator {
  readonly name: string
  readonly #multi: boolean

  constructor(kind: 'krum' | 'multi_krum') {
    this.name = kind
    this.#multi = kind === 'multi_krum'
  }

  fewest(faulty: number): number {
    return 2 * faulty + 3
  }

  aggregate(round: AggregationRound): Aggregation {
    const updates = checked(this, round)
    const count = updates.length
    const distances = squaredDistances(
      updates.map(({ values }) => values),
      round.rng,
    )
    const scores = updates.map((_, row) =>
      sumOfSmallest(distances.slice(row * count, (row + 1) * count), count - round.faulty - 2),
    )
    const best = scores.map((_, row) => row).sort((a, b) => scores[a]! - scores[b]! || a - b)
    const chosen = new Set(best.slice(0, this.#multi ? count - round.faulty : 1))
    const kept = updates.filter((_, row) => chosen.has(row))
    return {
      update: weightedMean(
        kept.map(({ values }) => values),
        kept.map(() => 1),
      ),
      leftOut: updates.flatMap(({ clientId }, row) =>
        chosen.has(row) ? [] : [{ clientId, reason: 'outlying' as const }],
      ),
    }
  }
}

/** Of a row of squared distances; that to itself is the smallest, and adds nothing. Selected, not sorted: rows are as many as clients. */
function sumOfSmallest(row: Float64Array, nearest: number): number {
  select(row, nearest)
  let sum = 0
  for (let i = 0; i <= nearest; i++) sum += row[i]!
  return sum
}
