export {
  type ClientKey,
  clientKeyOf,
  NEW_KEY,
  newClientKey,
  provesRotation,
  readPublicKey,
  rotationProof,
} from './keys.ts'
export { type SignatureHeaders, type Signing, signRequest } from './sign.ts'
export type { SignedParts } from './signature-base.ts'
export { SignatureError, type SignatureErrorCode, signatureErrors } from './signature-error.ts'
export { type ReceivedRequest, type Signer, type Verification, verifyRequest } from './verify.ts'
