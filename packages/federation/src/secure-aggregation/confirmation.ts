import { type KeyObject, sign, verify } from 'node:crypto'
import { readPublicKey } from '../signature/keys.ts'
import type { EnrolledKeys } from './advertisement.ts'
import type { UnmaskRequest } from './messages.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'
import { transcript } from './transcript.ts'

/** A survivor's word that it was told of these survivors and of no others. */
export interface Confirmation {
  readonly clientId: string
  /** Ed25519, with the key that it is enrolled with. 64 bytes. */
  readonly signature: Uint8Array
}

/** @param privateKey Ed25519, of the enrolment. Each client must sign one list only in a round. */
export const signConfirmation = (
  clientId: string,
  rosterDigest: Uint8Array,
  request: UnmaskRequest,
  privateKey: KeyObject,
): Confirmation => ({ clientId, signature: sign(null, confirmedText(rosterDigest, request), privateKey) })

/**
 * That so many survivors were told the same. As they are more than half of all, no other list can have as many, unless clients sign two.
 *
 * @throws SecureAggregationError `unknown_client`, `duplicate_client`, `bad_signature`, `not_confirmed`
 */
export function checkConfirmations(
  confirmations: readonly Confirmation[],
  threshold: number,
  {
    rosterDigest,
    request,
    enrolled,
  }: { rosterDigest: Uint8Array; request: UnmaskRequest; enrolled: EnrolledKeys },
): void {
  const survivors = new Set(request.survivors)
  const text = confirmedText(rosterDigest, request)
  const confirmed = new Set<string>()
  for (const { clientId, signature } of confirmations) {
    const key = enrolled.get(clientId)
    if (key === undefined || !survivors.has(clientId))
      throw new SecureAggregationError('unknown_client', `${clientId} is no survivor`, clientId)
    if (confirmed.has(clientId)) throw new SecureAggregationError('duplicate_client', clientId, clientId)
    if (!verify(null, text, readPublicKey(key), signature))
      throw new SecureAggregationError(
        'bad_signature',
        `${clientId} did not sign this list of survivors`,
        clientId,
      )
    confirmed.add(clientId)
  }
  if (confirmed.size < threshold)
    throw new SecureAggregationError('not_confirmed', `${confirmed.size} survivors confirm, not ${threshold}`)
}

const confirmedText = (rosterDigest: Uint8Array, { survivors, dropped }: UnmaskRequest): Uint8Array =>
  transcript('survivors', [rosterDigest, survivors.length, ...survivors.toSorted(), ...dropped.toSorted()])
