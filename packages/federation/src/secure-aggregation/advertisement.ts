import { type KeyObject, sign, verify } from 'node:crypto'
import { readPublicKey } from '../signature/keys.ts'
import { isKeyId } from '../signature/signature-base.ts'
import { KEY_BYTES } from './key-agreement.ts'
import { roundDigest, type SecureRound } from './parameters.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'
import { digestOf, transcript } from './transcript.ts'

/** What a client says of itself when a round begins. */
export interface Advertisement {
  readonly clientId: string
  /** X25519, for shares that are sent to it. 32 bytes. */
  readonly shareKey: Uint8Array
  /** X25519, for masks. Another pair: its private key is what the others can put together when the client drops out. */
  readonly maskKey: Uint8Array
  /** `seedDigest` of its self-mask's seed. 32 bytes. */
  readonly seedDigest: Uint8Array
  /** Ed25519, with the key that it is enrolled with. 64 bytes. */
  readonly signature: Uint8Array
}

/** Clients of a round by id, in the order of ids, with a hash over all that they advertised. */
export interface Roster {
  readonly clients: ReadonlyMap<string, Advertisement>
  readonly digest: Uint8Array
}

/** Public Ed25519 keys of enrolment by client id, in base64url: from a source that is not the server, or the server can put in its own. */
export type EnrolledKeys = ReadonlyMap<string, string>

/** By which a seed is recognised, and that tells nothing of it: it has 256 random bits. */
export const seedDigest = (round: Uint8Array, clientId: string, seed: Uint8Array): Uint8Array =>
  digestOf('seed', [round, clientId, seed])

/** @param privateKey Ed25519, of the enrolment */
export function signAdvertisement(
  round: SecureRound,
  content: Omit<Advertisement, 'signature'>,
  privateKey: KeyObject,
): Advertisement {
  return { ...content, signature: sign(null, signedText(round, content), privateKey) }
}

/**
 * The clients of a round, each checked.
 *
 * @throws SecureAggregationError `bad_key`, `bad_signature`, `unknown_client`, `duplicate_client`, `too_few_clients`, `too_many_clients`
 */
export function rosterOf(
  round: SecureRound,
  advertisements: readonly Advertisement[],
  enrolled: EnrolledKeys,
): Roster {
  if (advertisements.length > round.clients)
    throw new SecureAggregationError('too_many_clients', `${advertisements.length} of ${round.clients}`)
  const ordered = advertisements.toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
  const clients = new Map<string, Advertisement>()
  const keys = new Set<string>()
  for (const advertisement of ordered) {
    const { clientId } = advertisement
    if (clients.has(clientId)) throw new SecureAggregationError('duplicate_client', clientId, clientId)
    checkAdvertisement(round, advertisement, enrolled)
    for (const key of [advertisement.shareKey, advertisement.maskKey])
      keys.add(Buffer.from(key).toString('hex'))
    clients.set(clientId, advertisement)
    if (keys.size !== 2 * clients.size)
      throw new SecureAggregationError('bad_key', `a key of ${clientId} was advertised before`, clientId)
  }
  if (clients.size < round.threshold)
    throw new SecureAggregationError(
      'too_few_clients',
      `${clients.size}, the threshold is ${round.threshold}`,
    )
  const fields = ordered.flatMap((one) => [one.clientId, one.shareKey, one.maskKey, one.seedDigest])
  return { clients, digest: digestOf('roster', [roundDigest(round), ...fields]) }
}

/**
 * What can be said of one advertisement by itself: lengths, and who signed it.
 *
 * @throws SecureAggregationError `bad_key`, `bad_signature`, `unknown_client`
 */
export function checkAdvertisement(
  round: SecureRound,
  advertisement: Advertisement,
  enrolled: EnrolledKeys,
): void {
  const { clientId, shareKey, maskKey, seedDigest: digest, signature } = advertisement
  if (!isKeyId(clientId))
    throw new SecureAggregationError('unknown_client', JSON.stringify(clientId.slice(0, 80)))
  if ([shareKey, maskKey, digest].some(({ length }) => length !== KEY_BYTES))
    throw new SecureAggregationError('bad_key', `${clientId}: keys and digest must have 32 bytes`, clientId)
  const key = enrolled.get(clientId)
  if (key === undefined)
    throw new SecureAggregationError('unknown_client', `no key of enrolment of ${clientId}`, clientId)
  if (!verify(null, signedText(round, advertisement), readPublicKey(key), signature))
    throw new SecureAggregationError('bad_signature', `not signed by ${clientId} for this round`, clientId)
}

const signedText = (round: SecureRound, one: Omit<Advertisement, 'signature'>): Uint8Array =>
  transcript('advertisement', [roundDigest(round), one.clientId, one.shareKey, one.maskKey, one.seedDigest])
