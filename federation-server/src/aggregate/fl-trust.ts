import { addScaled, cosine, norm } from '../vector/vector.ts'
import { AggregationError } from './aggregation-error.ts'
import type { Aggregation, AggregationRound, Aggregator } from './aggregator.ts'
import { checked } from './checked.ts'
import { allFinite } from './soundness.ts'

/**
 * Trusts each update as far as its direction agrees with that of the root update, which the server's own clean data give: the mean
 * weighted by the cosine, without those that point away, each as long as the root update. Withstands any number of faulty ones, but
 * no poisoned root. When all point away, the root update is the result.
 *
 * X. Cao et al., "FLTrust: Byzantine-robust Federated Learning via Trust Bootstrapping", NDSS 2021.
 */
export class FlTrust implements Aggregator {
  readonly name = 'fl_trust'

  fewest(): number {
    return 1
  }

  aggregate(round: AggregationRound): Aggregation {
    const updates = checked(this, round)
    const { root, weights } = round
    if (root === undefined || root.length !== weights.length || !allFinite(root) || norm(root) === 0)
      throw new AggregationError('no_root', 'fl_trust needs a root update of the model that is not zero')
    const trusts = updates.map(({ values }) => Math.max(0, cosine(values, root)))
    const total = trusts.reduce((sum, trust) => sum + trust, 0)
    const update = total > 0 ? new Float64Array(weights.length) : Float64Array.from(root)
    for (const [row, { values }] of updates.entries())
      if (trusts[row]! > 0) addScaled(update, values, ((trusts[row]! / total) * norm(root)) / norm(values))
    return {
      update,
      leftOut: updates.flatMap(({ clientId }, row) =>
        trusts[row]! > 0 ? [] : [{ clientId, reason: 'opposed' as const }],
      ),
    }
  }
}
