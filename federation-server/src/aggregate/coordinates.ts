import { piece, type Values } from '../vector/vector.ts'

/** Coordinates turned over at a time: a cache line of each vector is read once, and the block stays in the cache. */
const BLOCK = 64

/**
 * One value out of each coordinate's values, in the order of the vectors.
 *
 * @param combine may change the order of what it is given
 */
export function perCoordinate(
  vectors: readonly Values[],
  combine: (values: Float64Array) => number,
): Float64Array {
  const count = vectors.length
  const result = new Float64Array(vectors[0]!.length)
  const turned = new Float64Array(BLOCK * count)
  const columns = Array.from({ length: BLOCK }, (_, i) => turned.subarray(i * count, (i + 1) * count))
  const room = new Float64Array(BLOCK)
  for (let from = 0; from < result.length; from += BLOCK) {
    const width = Math.min(BLOCK, result.length - from)
    for (let row = 0; row < count; row++) {
      const part = piece(vectors[row]!, from, from + width, room)
      for (let i = 0, at = row; i < width; i++, at += count) turned[at] = part[i]!
    }
    for (let i = 0; i < width; i++) result[from + i] = combine(columns[i]!)
  }
  return result
}
