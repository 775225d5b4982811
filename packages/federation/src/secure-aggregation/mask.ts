import { createCipheriv } from 'node:crypto'
import { agree, deriveKey, type RoundKey } from './key-agreement.ts'

/** Bytes of the stream that are made at once. */
const BLOCK = 65_536
const zeros = new Uint8Array(BLOCK)
const counter = new Uint8Array(16)

/**
 * Adds a mask to a vector, or takes it off, modulo 2³²: words of the AES-256-CTR stream from counter zero, little-endian. Each key must be used for one mask only.
 */
export function applyMask(vector: Uint32Array, key: Uint8Array, sign: 1 | -1): void {
  const stream = createCipheriv('aes-256-ctr', key, counter)
  for (let at = 0; at < vector.length; at += BLOCK / 4) {
    const words = Math.min(BLOCK / 4, vector.length - at)
    const bytes = stream.update(zeros.subarray(0, 4 * words))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let i = 0; i < words; i++) vector[at + i] = vector[at + i]! + sign * view.getUint32(4 * i, true)
  }
}

/** Key of the mask that a client puts on its own input. */
export const selfMaskKey = (seed: Uint8Array, rosterDigest: Uint8Array, clientId: string): Uint8Array =>
  deriveKey(seed, rosterDigest, 'self mask', [clientId])

/** A client and one of its pair of mask keys, with the other's public one: both ends derive the same. */
export interface MaskPair {
  readonly clientId: string
  readonly maskKey: RoundKey
  readonly peerId: string
  readonly peerKey: Uint8Array
}

/** Key of the mask that two clients put on their inputs, one adding and the other subtracting it. */
export function pairMaskKey({ clientId, maskKey, peerId, peerKey }: MaskPair, rosterDigest: Uint8Array) {
  const [first, second] = clientId < peerId ? [clientId, peerId] : [peerId, clientId]
  return deriveKey(agree(maskKey, peerKey), rosterDigest, 'pair mask', [first, second])
}

/** The one whose id comes first adds. */
export const pairSign = (clientId: string, peerId: string): 1 | -1 => (clientId < peerId ? 1 : -1)
