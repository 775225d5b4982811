/** Every reason for which a signed request is refused, and what it means to the one who sent it (docs/formats/federation.md). */
export const signatureErrors = {
  missing_signature: 'a header of the signature is not there: signature-input, signature or content-digest',
  malformed_signature:
    'a header of the signature is there twice, is too long, or is not what RFC 9421 and RFC 9530 say',
  not_covered: 'the signature covers more, less or other than method, path, query and content-digest',
  digest_mismatch: 'the body is not the one that was signed',
  expired: 'it was signed too long ago by the clock of the server, which the header `date` tells',
  from_the_future: 'it was signed ahead of the clock of the server, which the header `date` tells',
  unknown_key: 'no client has this key id, or it was revoked',
  bad_signature: 'the signature does not fit the request and the key',
} as const

export type SignatureErrorCode = keyof typeof signatureErrors

/** Why a request was refused. Nothing of it was looked at beyond its signature. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError'
  readonly code: SignatureErrorCode

  constructor(code: SignatureErrorCode, detail: string) {
    super(detail)
    this.code = code
  }
}
