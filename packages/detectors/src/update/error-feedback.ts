import { compressUpdate } from './frame.ts'

/** A compressed update, and what is still owed once the other end has it. */
export interface Owing {
  readonly bytes: Uint8Array
  readonly residual: Float32Array
}

/**
 * Compresses an update together with what earlier ones left out, so that nothing is lost for good, only late (F. Seide et al. 2014).
 * The caller keeps `residual` when the update was acknowledged, and its old one when it was not: then the update belongs to it too.
 * After a resync to another base it begins with zeros.
 *
 * @param residual of the updates before, as long as the update
 * @throws UpdateError `out_of_range`; RangeError when the lengths differ
 */
export function compressOwing(update: Float32Array, residual: Float32Array, step: number): Owing {
  if (update.length !== residual.length)
    throw new RangeError(`a residual of ${residual.length} values to an update of ${update.length}`)
  const owed = update.map((value, i) => value + residual[i]!)
  const { bytes, values } = compressUpdate(owed, step)
  return { bytes, residual: owed.map((value, i) => value - values[i]!) }
}
