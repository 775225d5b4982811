import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { PublicKey } from '@adf/contract/federation'

/** An Ed25519 key of a client. */
export interface ClientKey {
  readonly privateKey: KeyObject
  /** 32 bytes in base64url, as the protocol has it. */
  readonly publicKey: string
}

/** Key id of a request that brings its key along: the enrolment. */
export const NEW_KEY = 'new'

export const newClientKey = (): ClientKey => clientKeyOf(generateKeyPairSync('ed25519').privateKey)

/** @throws RangeError when it is not of Ed25519 */
export function clientKeyOf(privateKey: KeyObject): ClientKey {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new RangeError('not a key of Ed25519')
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { privateKey, publicKey: PublicKey.parse(x) }
}

/** @param publicKey as in the protocol @throws ZodError, Error of node:crypto when it is none */
export const readPublicKey = (publicKey: string): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: PublicKey.parse(publicKey) }, format: 'jwk' })

/** Proof, for a change of keys, that the client has the other half of the new one. */
export const rotationProof = (clientId: string, key: ClientKey): string =>
  sign(null, rotationText(clientId, key.publicKey), key.privateKey).toString('base64url')

export const provesRotation = (clientId: string, publicKey: string, proof: string): boolean =>
  verify(null, rotationText(clientId, publicKey), readPublicKey(publicKey), Buffer.from(proof, 'base64url'))

const rotationText = (clientId: string, publicKey: string): Buffer =>
  Buffer.from(`adf-key:${clientId}:${publicKey}`)
