import type { UnmaskAnswer, UnmaskRequest } from './messages.ts'
import { SHARE_BYTES } from './secret-shares.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'

/**
 * That a request asks for one secret of each client, never for both, and leaves nobody out. Who has both secrets of a client can read its update.
 *
 * @param sharers all who sent shares
 * @throws SecureAggregationError `both_shares`, `duplicate_client`, `unknown_client`, `not_all_named`, `too_few_clients`
 */
export function checkRequest(
  { survivors, dropped }: UnmaskRequest,
  sharers: ReadonlySet<string>,
  threshold: number,
): void {
  const surviving = new Set(survivors)
  const both = dropped.find((clientId) => surviving.has(clientId))
  if (both !== undefined)
    throw new SecureAggregationError('both_shares', `${both} cannot have survived and dropped out`, both)
  const named = new Set<string>()
  for (const clientId of [...survivors, ...dropped]) {
    if (!sharers.has(clientId))
      throw new SecureAggregationError('unknown_client', `no shares of ${clientId} are held`, clientId)
    if (named.has(clientId)) throw new SecureAggregationError('duplicate_client', clientId, clientId)
    named.add(clientId)
  }
  if (named.size !== sharers.size)
    throw new SecureAggregationError('not_all_named', `${named.size} of ${sharers.size} are named`)
  if (surviving.size < threshold)
    throw new SecureAggregationError(
      'too_few_clients',
      `${surviving.size} survivors, the threshold is ${threshold}`,
    )
}

/**
 * That an answer is of a survivor, with a share of what was asked for and of nothing else. Whether they are the right ones shows when they are put together.
 *
 * @throws SecureAggregationError `wrong_answer`
 */
export function checkAnswer(
  { clientId, seeds, maskKeys }: UnmaskAnswer,
  { survivors, dropped }: UnmaskRequest,
): void {
  if (!(survivors.includes(clientId) && covers(seeds, survivors) && covers(maskKeys, dropped)))
    throw new SecureAggregationError('wrong_answer', `${clientId} gave other shares than asked for`, clientId)
}

const covers = (shares: ReadonlyMap<string, Uint8Array>, owners: readonly string[]): boolean =>
  shares.size === owners.length && owners.every((owner) => shares.get(owner)?.length === SHARE_BYTES)

/** The same for requests that ask for the same shares, in whatever order. */
export const requestKey = ({ survivors }: UnmaskRequest): string => survivors.toSorted().join(' ')
