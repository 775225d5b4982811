import { type KeyObject, sign } from 'node:crypto'
import { contentDigest } from './content-digest.ts'
import {
  COMPONENTS,
  componentsOf,
  isKeyId,
  isMethod,
  isTarget,
  LABEL,
  type SignedParts,
  signatureBase,
  TAG,
} from './signature-base.ts'

export interface Signing {
  /** By which the other end finds the public key: letters, digits, `.`, `_`, `:`, `-`, at most 64. */
  readonly keyId: string
  /** Ed25519. */
  readonly privateKey: KeyObject
  readonly nowMs: number
  /** 16 random bytes, never the same twice. */
  readonly nonce: Uint8Array
}

/** Headers that go with a request. */
export interface SignatureHeaders {
  readonly 'content-digest': string
  readonly 'signature-input': string
  readonly signature: string
}

const NONCE_BYTES = 16
const covered = COMPONENTS.map((name) => `"${name}"`).join(' ')

/**
 * Signs a request with Ed25519 (RFC 9421, section 3.3.6): method, path, query and, by its digest (RFC 9530), the body.
 *
 * @throws RangeError for a method, target, key id or nonce that cannot stand in a header as it is
 */
export function signRequest(
  parts: SignedParts,
  { keyId, privateKey, nowMs, nonce }: Signing,
): SignatureHeaders {
  if (!isMethod(parts.method)) throw new RangeError(`method ${JSON.stringify(parts.method)}`)
  if (!isTarget(parts.target)) throw new RangeError(`target ${JSON.stringify(parts.target)}`)
  if (!isKeyId(keyId)) throw new RangeError(`key id ${JSON.stringify(keyId)}`)
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`a nonce of ${nonce.length} bytes`)
  const created = Math.floor(nowMs / 1000)
  const text = Buffer.from(nonce).toString('base64url')
  const parameters = `(${covered});created=${created};nonce="${text}";keyid="${keyId}";tag="${TAG}"`
  const digest = contentDigest(parts.body)
  const base = signatureBase(componentsOf(parts, digest), parameters)
  return {
    'content-digest': digest,
    'signature-input': `${LABEL}=${parameters}`,
    signature: `${LABEL}=:${sign(null, base, privateKey).toString('base64')}:`,
  }
}
