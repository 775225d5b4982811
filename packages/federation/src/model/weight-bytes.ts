import { createHash } from 'node:crypto'
import { endianness } from 'node:os'

const LITTLE = endianness() === 'LE'

/** Float32 values, little-endian, whatever the machine's own order. A copy. */
export function weightBytes(weights: Float32Array): Uint8Array {
  const bytes = Buffer.from(weights.slice().buffer)
  return LITTLE ? bytes : bytes.swap32()
}

/** The values of such bytes. @throws RangeError when they are not so many values */
export function weightsOf(bytes: Uint8Array, count: number): Float32Array {
  if (bytes.length !== 4 * count) throw new RangeError(`${bytes.length} bytes are not ${count} weights`)
  const own = Buffer.from(Uint8Array.from(bytes).buffer)
  if (!LITTLE) own.swap32()
  return new Float32Array(own.buffer)
}

/** SHA-256 over these bytes, in hexadecimal: what a version of the global weights is known by. */
export const weightsHash = (weights: Float32Array): string =>
  createHash('sha256').update(weightBytes(weights)).digest('hex')
