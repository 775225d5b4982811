import { norm } from '../../vector/vector.ts'
import type { AttackView } from '../attack.ts'
import { moments } from '../moments.ts'

/** A way out of the mean of honest updates: the farther along it, the farther from all of them. */
export interface Way {
  readonly mean: Float64Array
  readonly direction: Float64Array
}

/**
 * Backwards, against the mean: of the paper's three ways (also against the deviations, and against the signs) the one that undoes what is learned.
 */
export function wayOut({ honest }: AttackView): Way {
  const { mean } = moments(honest)
  const length = norm(mean)
  return { mean, direction: mean.map((value) => (length === 0 ? 0 : -value / length)) }
}

/** mean + γ · direction */
export const along = ({ mean, direction }: Way, gamma: number): Float32Array =>
  Float32Array.from(mean, (value, i) => value + gamma * direction[i]!)

/** Squared distance from an honest update to mean + γ · direction, as a polynomial of γ: its constant and linear parts. */
export function distanceAlong({ mean, direction }: Way, update: Float32Array): [number, number] {
  let constant = 0
  let linear = 0
  for (let i = 0; i < mean.length; i++) {
    const apart = mean[i]! - update[i]!
    constant += apart * apart
    linear += 2 * apart * direction[i]!
  }
  return [constant, linear]
}

export const squaredLength = ({ direction }: Way): number =>
  direction.reduce((sum, value) => sum + value * value, 0)

/** The largest γ with constant + linear γ + square γ² ≤ most; 0 when there is none. */
export function largestGamma(constant: number, linear: number, square: number, most: number): number {
  const under = linear * linear - 4 * square * (constant - most)
  return square > 0 && under >= 0 ? Math.max(0, (-linear + Math.sqrt(under)) / (2 * square)) : 0
}
