import { normal, seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import { newAutoencoder, reconstructionError, train } from './autoencoder.ts'

/** Rows along three directions. */
function rows(count: number, seed: number): Float64Array[] {
  const axes = seeded(1)
  const basis = Array.from({ length: 3 }, () => Float64Array.from({ length: 16 }, () => normal(axes)))
  const rng = seeded(seed)
  return Array.from({ length: count }, () => {
    const shares = basis.map(() => 0.5 * normal(rng))
    return Float64Array.from({ length: 16 }, (_, i) =>
      basis.reduce((sum, axis, k) => sum + shares[k]! * axis[i]!, 0),
    )
  })
}

const error = (net: ReturnType<typeof newAutoencoder>, of: readonly Float64Array[]) =>
  of.reduce((sum, row) => sum + reconstructionError(net, row), 0) / of.length

it('learns to reproduce what it is shown, and not what it is not', () => {
  const fresh = newAutoencoder(16, 6, 1)
  const trained = train(fresh, rows(100, 2), 400)
  const rng = seeded(3)
  const foreign = Array.from({ length: 50 }, () => Float64Array.from({ length: 16 }, () => normal(rng)))
  expect(error(trained, rows(50, 4))).toBeLessThan(0.15 * error(fresh, rows(50, 4)))
  expect(error(trained, foreign)).toBeGreaterThan(5 * error(trained, rows(50, 4)))
})

it('goes on bit for bit in parts, and leaves the network it is given as it was', () => {
  const fresh = newAutoencoder(16, 6, 1)
  const before = structuredClone(fresh)
  const data = rows(20, 2)
  expect(train(train(fresh, data, 7), data, 5)).toEqual(train(fresh, data, 12))
  expect(fresh).toEqual(before)
  expect(train(fresh, [], 5)).toBe(fresh)
})

it('follows the slope of its error', () => {
  const net = newAutoencoder(4, 3, 5)
  const row = Float64Array.of(0.3, -0.7, 1.1, 0.2)
  // The first step of Adam is the rate times the sign of the gradient.
  const moved = train(net, [row], 1).weights
  for (let i = 0; i < net.weights.length; i++) {
    const at = (h: number) =>
      reconstructionError({ ...net, weights: net.weights.map((w, k) => (k === i ? w + h : w)) }, row)
    const slope = (at(1e-6) - at(-1e-6)) / 2e-6
    if (Math.abs(slope) > 1e-4) expect(Math.sign(net.weights[i]! - moved[i]!)).toBe(Math.sign(slope))
  }
})
