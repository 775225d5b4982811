import { createCipheriv, createDecipheriv } from 'node:crypto'
import { agree, deriveKey, type RoundKey } from './key-agreement.ts'
import type { SecureRound } from './parameters.ts'
import { SHARE_BYTES } from './secret-shares.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'
import { transcript } from './transcript.ts'

/** One client's shares for another: of the private mask key, and of the self-mask's seed. */
export interface SharePair {
  readonly maskKey: Uint8Array
  readonly seed: Uint8Array
}

/** Who sends shares to whom, in which round; the envelope opens nowhere else. */
export interface Passage {
  readonly round: SecureRound
  readonly rosterDigest: Uint8Array
  readonly sender: string
  readonly recipient: string
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
export const ENVELOPE_BYTES = NONCE_BYTES + 2 * SHARE_BYTES + TAG_BYTES

/** @param nonce 12 random bytes */
export function seal(
  pair: SharePair,
  passage: Passage,
  own: RoundKey,
  peer: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(CIPHER, envelopeKey(passage, own, peer), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associatedData(passage))
  const text = cipher.update(Buffer.concat([pair.maskKey, pair.seed]))
  return Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()])
}

/** @throws SecureAggregationError `share_refused` */
export function open(envelope: Uint8Array, passage: Passage, own: RoundKey, peer: Uint8Array): SharePair {
  const { sender } = passage
  if (envelope.length !== ENVELOPE_BYTES)
    throw new SecureAggregationError('share_refused', `${envelope.length} bytes from ${sender}`, sender)
  const decipher = createDecipheriv(
    CIPHER,
    envelopeKey(passage, own, peer),
    envelope.subarray(0, NONCE_BYTES),
    {
      authTagLength: TAG_BYTES,
    },
  )
  decipher.setAAD(associatedData(passage))
  decipher.setAuthTag(envelope.subarray(-TAG_BYTES))
  const text = decipher.update(envelope.subarray(NONCE_BYTES, -TAG_BYTES))
  try {
    decipher.final()
  } catch {
    throw new SecureAggregationError('share_refused', `the shares of ${sender} do not open here`, sender)
  }
  return { maskKey: text.subarray(0, SHARE_BYTES), seed: text.subarray(SHARE_BYTES) }
}

const envelopeKey = (
  { rosterDigest, sender, recipient }: Passage,
  own: RoundKey,
  peer: Uint8Array,
): Uint8Array => deriveKey(agree(own, peer), rosterDigest, 'share', [sender, recipient])

const associatedData = ({ round, rosterDigest, sender, recipient }: Passage): Uint8Array =>
  transcript('share', [round.run, round.round, rosterDigest, sender, recipient])
