import { scaled } from '../vector/vector.ts'
import type { AggregationRound, Prepared, PreStep } from './aggregator.ts'
import { checked } from './checked.ts'

/** What an update counts for that began τ versions ago: falls slowly, since a late update is still most of a good one. */
export const stalenessWeight = (staleness: number): number => 1 / (1 + Math.sqrt(staleness))

/**
 * For rounds that take whoever is ready: shortens late updates by 1/(1+√τ), and leaves out those that are later than the versions that
 * are kept. Shortened, not weighted against the others: a buffer full of late updates then makes a short step.
 *
 * J. Nguyen et al., "Federated Learning with Buffered Asynchronous Aggregation", AISTATS 2022 (FedBuff).
 */
export class Staleness implements PreStep {
  readonly name = 'staleness'
  readonly #latest: number

  /** @param latest versions that an update may be behind */
  constructor(latest: number) {
    this.#latest = latest
  }

  fewest(): number {
    return 1
  }

  apply(round: AggregationRound): Prepared {
    const updates = checked(this, round)
    const late = ({ staleness = 0 }) => staleness > this.#latest
    return {
      updates: updates
        .filter((update) => !late(update))
        .map((update) => {
          const weight = stalenessWeight(update.staleness ?? 0)
          return weight === 1 ? update : { ...update, values: scaled(update.values, weight) }
        }),
      leftOut: updates.filter(late).map(({ clientId }) => ({ clientId, reason: 'stale' as const })),
    }
  }
}
