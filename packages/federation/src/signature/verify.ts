import { type KeyObject, verify } from 'node:crypto'
import { checkDigest } from './content-digest.ts'
import { componentsOf, isMethod, isTarget, type SignedParts, signatureBase } from './signature-base.ts'
import { SignatureError } from './signature-error.ts'
import { readSignature, readSignatureInput } from './signature-input.ts'

/** A request as it came in. */
export interface ReceivedRequest extends SignedParts {
  /** Names and values in turn, none joined or left out: `rawHeaders` of Node. */
  readonly headers: readonly string[]
}

export interface Verification {
  readonly nowMs: number
  /** How far `created` may be off, either way. A nonce must be remembered for twice as long. */
  readonly windowMs: number
  /** The public key of a client; undefined for one that is not known or revoked. */
  readonly keyOf: (keyId: string) => KeyObject | undefined | Promise<KeyObject | undefined>
}

/** Who signed a request, and when. Whoever answers it must have seen the nonce of this key never before. */
export interface Signer {
  readonly keyId: string
  readonly nonce: string
  readonly createdMs: number
}

/** Of one header of the signature, far more than any of them needs. */
const LONGEST = 512

/**
 * Checks a request that `signRequest` signed: that it covers all it must, and nothing was changed, added or sent at another time. It is
 * not known to be no replay: that is for the one who remembers nonces.
 *
 * @throws SignatureError
 */
export async function verifyRequest(
  request: ReceivedRequest,
  { nowMs, windowMs, keyOf }: Verification,
): Promise<Signer> {
  const { method, target, body, headers } = request
  const input = readSignatureInput(sole(headers, 'signature-input'))
  const signature = readSignature(sole(headers, 'signature'))
  const digest = sole(headers, 'content-digest')
  if (!isMethod(method) || !isTarget(target))
    throw new SignatureError('malformed_signature', 'method or target cannot have been signed')
  const createdMs = 1000 * input.created
  if (createdMs < nowMs - windowMs)
    throw new SignatureError('expired', `signed ${seconds(nowMs - createdMs)} ago`)
  if (createdMs > nowMs + windowMs)
    throw new SignatureError('from_the_future', `signed ${seconds(createdMs - nowMs)} from now`)
  checkDigest(digest, body)
  const { keyId, nonce, parameters } = input
  const key = await keyOf(keyId)
  if (key === undefined) throw new SignatureError('unknown_key', `no client has the key id ${keyId}`)
  if (!verify(null, signatureBase(componentsOf(request, digest), parameters), key, signature))
    throw new SignatureError('bad_signature', `the signature is not of the key of ${keyId}`)
  return { keyId, nonce, createdMs }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`

/** A header that must be there once: a second one could be the one that somebody else reads. */
function sole(headers: readonly string[], name: string): string {
  let found: string | undefined
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() !== name) continue
    if (found !== undefined) throw new SignatureError('malformed_signature', `${name} is there twice`)
    found = headers[i + 1]!
  }
  if (found === undefined) throw new SignatureError('missing_signature', `no header ${name}`)
  if (found.length > LONGEST)
    throw new SignatureError('malformed_signature', `${name} is longer than ${LONGEST} characters`)
  return found
}
