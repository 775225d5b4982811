import { AggregationError } from './aggregation-error.ts'
import type { AggregationRound, ClientUpdate } from './aggregator.ts'
import { allFinite, byClientId, unsound } from './soundness.ts'

/**
 * The updates in the order of client ids, in which everything is summed up.
 *
 * @param rule whose precondition must hold
 * @throws AggregationError
 */
export function checked(
  rule: { readonly name: string; fewest(faulty: number): number },
  round: AggregationRound,
): ClientUpdate[] {
  const { faulty, weights } = round
  if (!Number.isSafeInteger(faulty) || faulty < 0)
    throw new AggregationError('invalid_faulty', `${faulty} faulty updates`)
  const count = round.updates.length
  const fewest = Math.max(1, rule.fewest(faulty))
  if (count < fewest)
    throw new AggregationError(
      'too_few_updates',
      Number.isFinite(fewest)
        ? `${rule.name} needs ${fewest} updates against ${faulty} faulty ones, got ${count}`
        : `${rule.name} withstands no faulty updates`,
    )
  if (!allFinite(weights)) throw new AggregationError('not_finite', 'the global weights are not finite')
  const updates = round.updates.toSorted(byClientId)
  for (const [i, update] of updates.entries()) {
    const { clientId } = update
    const fault = unsound(update, weights.length)
    if (fault !== undefined) throw new AggregationError(fault, `update of ${clientId}`, clientId)
    if (updates[i + 1]?.clientId === clientId)
      throw new AggregationError('duplicate_client', `two updates of ${clientId}`, clientId)
  }
  return updates
}
