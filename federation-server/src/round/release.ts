import { encodeDelta } from '@adf/detectors/update'
import { weightsHash } from '@adf/federation/weights'

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
