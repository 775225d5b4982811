import { addScaledDense, dotOfDense, squaredDistanceOfDense, type Vector } from './dense.ts'
import { type Packed, squares, unpack } from './packed.ts'

/** Values of one update, as numbers or in the few bits that they came in. */
export type Values = Vector | Packed

/** Unpacked at a time: two of them stay in the fastest cache. An even number. */
const PIECE = 1024

const isPacked = (values: Values): values is Packed => 'kind' in values

/**
 * The values from `from` up to before `to`: a view where they are numbers already, otherwise written to the beginning of `room`.
 *
 * @param from an even number
 */
export function piece(values: Values, from: number, to: number, room: Float64Array): Vector {
  if (!isPacked(values)) return values.subarray(from, to)
  unpack(values, from, to, room)
  return room.subarray(0, to - from)
}

export function dot(a: Values, b: Values): number {
  return isPacked(a) || isPacked(b) ? overPieces(a, b, dotOfDense) : dotOfDense(a, b)
}

export function squaredDistance(a: Values, b: Values): number {
  return isPacked(a) || isPacked(b) ? overPieces(a, b, squaredDistanceOfDense) : squaredDistanceOfDense(a, b)
}

function overPieces(a: Values, b: Values, of: (a: Vector, b: Vector) => number): number {
  const [roomOfA, roomOfB] = [new Float64Array(PIECE), new Float64Array(PIECE)]
  let sum = 0
  for (let from = 0; from < a.length; from += PIECE) {
    const to = Math.min(a.length, from + PIECE)
    sum += of(piece(a, from, to, roomOfA), piece(b, from, to, roomOfB))
  }
  return sum
}

/** @param from the first value of those that are measured, @param to the first behind them */
export function norm(a: Values, from = 0, to = a.length): number {
  if (isPacked(a))
    return to - from === a.length ? a.norm * Math.abs(a.factor) : Math.sqrt(squares(a, from, to))
  const part = a.subarray(from, to)
  return Math.sqrt(dotOfDense(part, part))
}

/** Cosine of the angle between two vectors; 0 when one of them has no direction. */
export function cosine(a: Values, b: Values): number {
  const lengths = norm(a) * norm(b)
  return lengths === 0 ? 0 : dot(a, b) / lengths
}

export function scaled(values: Values, factor: number): Values {
  return isPacked(values)
    ? { ...values, factor: values.factor * factor }
    : values.map((value) => value * factor)
}

/** Whether all values are finite and no larger than `largest`. */
export function within(values: Values, largest: number): boolean {
  if (isPacked(values)) return values.scales.every((scale) => Math.abs(8 * scale * values.factor) <= largest)
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) <= largest)) return false
  return true
}

/** sum += weight × values */
export function addScaled(sum: Float64Array, values: Values, weight: number): void {
  const room = new Float64Array(PIECE)
  for (let from = 0; from < sum.length; from += PIECE) {
    const to = Math.min(sum.length, from + PIECE)
    addScaledDense(sum.subarray(from, to), piece(values, from, to, room), weight)
  }
}

/** Σ wᵢ xᵢ / Σ wᵢ in the order given. Weights are not negative, and not all 0. */
export function weightedMean(vectors: readonly Values[], weights: readonly number[]): Float64Array {
  const mean = new Float64Array(vectors[0]!.length)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, vector] of vectors.entries()) addScaled(mean, vector, weights[i]! / total)
  return mean
}
