import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from 'node:crypto'
import { SecureAggregationError } from './secure-aggregation-error.ts'
import { type TranscriptField, transcript } from './transcript.ts'

/** Random bytes that nobody can foretell, such as `crypto.randomBytes`. */
export type RandomBytes = (length: number) => Uint8Array

/** Bytes of a key, public or private, and of a seed. */
export const KEY_BYTES = 32

/** An X25519 key pair (RFC 7748) of one client, for one round and one purpose. */
export interface RoundKey {
  /** 32 bytes. */
  readonly secret: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
}

/** Of PKCS #8 (RFC 8410, section 7), before the 32 bytes of the key. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** @param secret 32 bytes, all of which are keys @throws SecureAggregationError `bad_key` */
export function roundKey(secret: Uint8Array): RoundKey {
  if (secret.length !== KEY_BYTES) throw new SecureAggregationError('bad_key', `${secret.length} bytes`)
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { secret, publicKey: Buffer.from(x ?? '', 'base64url'), privateKey }
}

/**
 * The secret that two key pairs share (RFC 7748, section 6.1).
 *
 * @throws SecureAggregationError `bad_key` for a public key of small order, with which the secret would be zero
 */
export function agree(own: RoundKey, publicKey: Uint8Array): Uint8Array {
  const x = Buffer.from(publicKey).toString('base64url')
  try {
    const other = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
    return diffieHellman({ privateKey: own.privateKey, publicKey: other })
  } catch {
    throw new SecureAggregationError('bad_key', `no secret can be shared with the public key ${x}`)
  }
}

/** Of nobody: whether a secret can be shared with a public key does not depend on who asks. */
const PROBE = new Uint8Array(KEY_BYTES).fill(1)

/** That a secret can be shared with a public key. @throws SecureAggregationError `bad_key` */
export const checkRoundKey = (publicKey: Uint8Array): void => void agree(roundKey(PROBE), publicKey)

/** A key of 32 bytes for one purpose (HKDF with SHA-256, RFC 5869). */
export const deriveKey = (
  secret: Uint8Array,
  salt: Uint8Array,
  purpose: string,
  fields: readonly TranscriptField[],
): Uint8Array => new Uint8Array(hkdfSync('sha256', secret, salt, transcript(purpose, fields), KEY_BYTES))
