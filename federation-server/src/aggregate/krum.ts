import { weightedMean } from '../vector/vector.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'
import { neighbours, squaredDistances } from './distances.ts'
import { krumScore } from './krum-score.ts'

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
    const near = neighbours(distances, count)
    const scores = near.map((order, row) => krumScore(distances, order, row, count - round.faulty - 2))
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
