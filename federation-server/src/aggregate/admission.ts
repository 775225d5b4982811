import { norm } from '../vector/vector.ts'
import type { ClientUpdate, LeftOut, Prepared } from './aggregator.ts'
import { byClientId, unsound } from './soundness.ts'

/**
 * The door: lets in what an aggregator takes, and leaves out the rest alone, so that nobody's update ends a round for the
 * others. Of several updates of one client none is let in: which of them is meant cannot be told.
 *
 * @param length of the model, @param largestNorm that an update may have
 */
export function admit(updates: readonly ClientUpdate[], length: number, largestNorm: number): Prepared {
  const counts = new Map<string, number>()
  for (const { clientId } of updates) counts.set(clientId, (counts.get(clientId) ?? 0) + 1)
  const admitted: ClientUpdate[] = []
  const leftOut: LeftOut[] = []
  for (const update of updates.toSorted(byClientId)) {
    const { clientId, values } = update
    const reason =
      counts.get(clientId)! > 1
        ? 'duplicate_client'
        : (unsound(update, length) ?? (norm(values) <= largestNorm ? undefined : 'too_large'))
    if (reason === undefined) admitted.push(update)
    else if (leftOut.at(-1)?.clientId !== clientId) leftOut.push({ clientId, reason })
  }
  return { updates: admitted, leftOut }
}
