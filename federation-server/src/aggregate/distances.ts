import { squaredDistanceOfDense } from '../vector/dense.ts'
import { Projection } from '../vector/projection.ts'
import { piece, type Values } from '../vector/vector.ts'

/** Multiplications after which distances are estimated: about a second's. 128 clients of 55,121 weights stay below. */
const MOST_EXACT = 2 ** 29
/** Values of all vectors that are compared at a time: they stay in the cache. */
const PIECE = 512
/** Distances are then off by about 4 %. */
const SKETCH = 1024

/**
 * Squared distances of all pairs, row by row. Exact where that is affordable; otherwise of sketches, by a projection that was
 * not known when the updates were made. Equal vectors are at distance 0 either way.
 */
export function squaredDistances(vectors: readonly Values[], rng: () => number): Float64Array {
  const count = vectors.length
  const width = vectors[0]!.length
  const exact = ((count * (count - 1)) / 2) * width <= MOST_EXACT || width <= SKETCH
  const projection = exact ? undefined : new Projection(width, SKETCH, rng)
  const points = projection ? vectors.map((vector) => projection.sketch(vector)) : vectors
  const distances = new Float64Array(count * count)
  const rooms = points.map(() => new Float64Array(PIECE))
  for (let from = 0; from < points[0]!.length; from += PIECE) {
    const to = Math.min(points[0]!.length, from + PIECE)
    const parts = points.map((point, row) => piece(point, from, to, rooms[row]!))
    for (let i = 0; i < count; i++)
      for (let j = 0; j < i; j++) distances[i * count + j]! += squaredDistanceOfDense(parts[i]!, parts[j]!)
  }
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) distances[j * count + i] = distances[i * count + j]!
  return distances
}

/** Of each vector all vectors by their distance, itself first; of two as far the one before. */
export function neighbours(distances: Float64Array, count: number): Int32Array[] {
  return Array.from({ length: count }, (_, row) => {
    const from = row * count
    const key = (other: number) => (other === row ? -1 : distances[from + other]!)
    return Int32Array.from({ length: count }, (_, other) => other).sort((a, b) => key(a) - key(b) || a - b)
  })
}
