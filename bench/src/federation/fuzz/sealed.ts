import { crc32 } from 'node:zlib'

/** The checksum set right again, so that what is behind it is reached. */
export function sealed(frame: Uint8Array): Uint8Array {
  if (frame.length < 16) return frame
  const copy = Uint8Array.from(frame)
  const sum = crc32(copy.subarray(16), crc32(copy.subarray(0, 12)))
  new DataView(copy.buffer).setUint32(12, sum, true)
  return copy
}
