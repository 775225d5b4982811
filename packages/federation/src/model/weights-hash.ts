import { createHash } from 'node:crypto'
import { endianness } from 'node:os'

/** SHA-256 over the float32 values, little-endian: what a version of the global weights is known by. */
export function weightsHash(values: Float32Array): string {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return createHash('sha256')
    .update(endianness() === 'LE' ? bytes : Buffer.from(bytes).swap32())
    .digest('hex')
}
