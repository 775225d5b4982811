import type {
  SecureAnswer,
  SecureConfirmation,
  SecureKeys,
  SecureParameters,
  SecureShares,
} from '@adf/contract/federation'
import type { Advertisement } from './advertisement.ts'
import type { Confirmation } from './confirmation.ts'
import type { SealedShares, UnmaskAnswer } from './messages.ts'
import type { SecureRound } from './parameters.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const bytesOf = (base64url: string): Uint8Array => Buffer.from(base64url, 'base64url')

/** The round that parameters of the contract are about. */
export const secureRoundOf = (
  run: string,
  round: number,
  { sample_cap: sampleCap, ...rest }: SecureParameters,
): SecureRound => ({ run, round, ...rest, sampleCap })

export const encodeAdvertisement = (one: Advertisement): SecureKeys => ({
  client_id: one.clientId,
  share_key: text(one.shareKey),
  mask_key: text(one.maskKey),
  seed_digest: text(one.seedDigest),
  signature: text(one.signature),
})

export const decodeAdvertisement = (one: SecureKeys): Advertisement => ({
  clientId: one.client_id,
  shareKey: bytesOf(one.share_key),
  maskKey: bytesOf(one.mask_key),
  seedDigest: bytesOf(one.seed_digest),
  signature: bytesOf(one.signature),
})

export const encodeShares = (sealed: readonly SealedShares[]): SecureShares => ({
  shares: sealed.map(({ recipient, envelope }) => ({ recipient, envelope: text(envelope) })),
})

/** @param sender who signed the request */
export const decodeShares = (sender: string, { shares }: SecureShares): SealedShares[] =>
  shares.map(({ recipient, envelope }) => ({ sender, recipient, envelope: bytesOf(envelope) }))

/** @param recipient who asked for them */
export const decodeReceivedShares = (
  recipient: string,
  shares: readonly { readonly sender: string; readonly envelope: string }[],
): SealedShares[] =>
  shares.map(({ sender, envelope }) => ({ sender, recipient, envelope: bytesOf(envelope) }))

export const encodeConfirmation = ({ clientId, signature }: Confirmation): SecureConfirmation => ({
  client_id: clientId,
  signature: text(signature),
})

export const decodeConfirmation = ({ client_id, signature }: SecureConfirmation): Confirmation => ({
  clientId: client_id,
  signature: bytesOf(signature),
})

export const encodeAnswer = ({ seeds, maskKeys }: UnmaskAnswer): SecureAnswer => ({
  seeds: [...seeds].map(([owner, share]) => ({ owner, share: text(share) })),
  mask_keys: [...maskKeys].map(([owner, share]) => ({ owner, share: text(share) })),
})

/** @param clientId who signed the request @throws SecureAggregationError `wrong_answer` for an owner that is there twice */
export const decodeAnswer = (clientId: string, { seeds, mask_keys }: SecureAnswer): UnmaskAnswer => ({
  clientId,
  seeds: byOwner(clientId, seeds),
  maskKeys: byOwner(clientId, mask_keys),
})

function byOwner(clientId: string, shares: SecureAnswer['seeds']): Map<string, Uint8Array> {
  const found = new Map(shares.map(({ owner, share }) => [owner, bytesOf(share)]))
  if (found.size !== shares.length)
    throw new SecureAggregationError('wrong_answer', `${clientId} gave two shares of one secret`, clientId)
  return found
}
