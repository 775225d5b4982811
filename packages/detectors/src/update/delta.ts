import { compressUpdate, decodeUpdate } from './frame.ts'

/** A compressed delta, and the weights that whoever applies it then holds. */
export interface Delta {
  readonly bytes: Uint8Array
  readonly held: Float32Array
}

/**
 * The way from the weights that the other end is known to hold to the global ones. What quantisation leaves out is part of the next
 * delta by itself, since that begins where this one really ends; the server keeps `held`, not what it aimed at.
 *
 * @throws UpdateError `out_of_range`; RangeError when the lengths differ
 */
export function encodeDelta(held: Float32Array, target: Float32Array, step: number): Delta {
  if (held.length !== target.length)
    throw new RangeError(`${held.length} weights held, ${target.length} to come to`)
  const { bytes, values } = compressUpdate(
    target.map((value, i) => value - held[i]!),
    step,
  )
  return { bytes, held: added(held, values) }
}

/** The weights after a delta: the same bits as the server's. @throws UpdateError; nothing has changed then */
export const applyDelta = (held: Float32Array, bytes: Uint8Array): Float32Array =>
  added(held, decodeUpdate(bytes, held.length))

/** Each sum is rounded to float32 once, on both ends alike. */
const added = (held: Float32Array, values: Float32Array): Float32Array =>
  held.map((value, i) => value + values[i]!)
