import { crc32 } from 'node:zlib'
import { encodeDense } from '@adf/detectors/update'

const CHECKED_FROM = 12
const HEADER_BYTES = 16

/** A dense frame (docs/formats/update.md) of any values, those among them that no honest client can encode: an attacker writes its own bytes. */
export function forgedFrame(values: Float32Array): Uint8Array {
  const bytes = encodeDense(new Float32Array(values.length))
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (let i = 0; i < values.length; i++) view.setFloat32(HEADER_BYTES + 4 * i, values[i]!, true)
  const sum = crc32(bytes.subarray(HEADER_BYTES), crc32(bytes.subarray(0, CHECKED_FROM)))
  view.setUint32(CHECKED_FROM, sum, true)
  return bytes
}
