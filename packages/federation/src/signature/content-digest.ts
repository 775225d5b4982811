import { createHash, timingSafeEqual } from 'node:crypto'
import { parseDictionary } from 'structured-headers'
import { SignatureError } from './signature-error.ts'

const sha256 = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest()

/** The header `content-digest` of a body (RFC 9530, section 2), which may be empty. */
export const contentDigest = (body: Uint8Array): string => `sha-256=:${sha256(body).toString('base64')}:`

/** @throws SignatureError `malformed_signature` for anything but one SHA-256, `digest_mismatch` when it is not that of the body */
export function checkDigest(header: string, body: Uint8Array): void {
  const claimed = digestIn(header)
  if (claimed === undefined)
    throw new SignatureError('malformed_signature', 'content-digest must be one sha-256 of 32 bytes')
  if (!timingSafeEqual(claimed, sha256(body)))
    throw new SignatureError('digest_mismatch', 'content-digest is not that of the body')
}

function digestIn(header: string): Uint8Array | undefined {
  let members: ReturnType<typeof parseDictionary>
  try {
    members = parseDictionary(header)
  } catch {
    return undefined
  }
  const [value, parameters] = members.get('sha-256') ?? []
  const sole = members.size === 1 && parameters?.size === 0
  if (!sole || !(value instanceof ArrayBuffer) || value.byteLength !== 32) return undefined
  return new Uint8Array(value)
}
