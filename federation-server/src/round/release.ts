import { createHash } from 'node:crypto'
import { encodeDelta } from '@adf/detectors/update'

/** A version of the global weights, as every client at it holds them. */
export interface Released {
  readonly weights: Float32Array
  /** The way to it from the version before: made once, whoever asks. */
  readonly delta: Uint8Array
  readonly hash: string
}

/**
 * The next version: the way from what clients hold to what aggregation made, quantised. What is left out is part of the next delta, since
 * aggregation goes on from its own weights.
 *
 * @param held by clients at the version before, @param made by aggregation @throws UpdateError `out_of_range`
 */
export function release(held: Float32Array, made: Float32Array, step: number): Released {
  const delta = encodeDelta(held, made, step)
  return { weights: delta.held, delta: delta.bytes, hash: weightsHash(delta.held) }
}

/** SHA-256 over the float32 values, little-endian, in hexadecimal. */
export const weightsHash = (weights: Float32Array): string =>
  createHash('sha256').update(weightBytes(weights)).digest('hex')

/** Float32 values, little-endian, whatever the machine's own order. */
export function weightBytes(weights: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * weights.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < weights.length; i++) view.setFloat32(4 * i, weights[i]!, true)
  return bytes
}

/** @throws RangeError when they are not so many values */
export function weightsOf(bytes: Uint8Array, count: number): Float32Array {
  if (bytes.length !== 4 * count) throw new RangeError(`${bytes.length} bytes are not ${count} weights`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true))
}
