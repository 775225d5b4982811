import { describe, expect, it } from 'vitest'
import { localLine } from './lime.ts'

const scales = Float64Array.of(1, 10, 0.1)
const at = Float64Array.of(2, 50, 0.3)

describe('localLine', () => {
  it('finds a straight line, in steps', () => {
    const line = localLine((x) => 5 + 3 * x[0]! - 0.2 * x[1]!, at, { scales, ridge: 1e-9, seed: 1 })
    expect(line.weights[0]).toBeCloseTo(3, 6)
    expect(line.weights[1]).toBeCloseTo(-2, 6)
    expect(line.weights[2]).toBeCloseTo(0, 6)
    expect(line.intercept).toBeCloseTo(5 + 6 - 10, 6)
    expect(line.r2).toBeCloseTo(1, 9)
  })

  it('comes to the gradient of a curve as it looks nearer', () => {
    const curve = (x: Float64Array) => x[0]! ** 3 + Math.sin(x[1]! / 10)
    const off = (spread: number) => {
      const { weights } = localLine(curve, at, { scales, spread, ridge: 1e-9, seed: 2 })
      return Math.abs(weights[0]! - 12) + Math.abs(weights[1]! - Math.cos(5))
    }
    expect(off(0.01)).toBeLessThan(0.02)
    expect(off(0.01)).toBeLessThan(off(1))
  })

  it('says when there is no line', () => {
    const valley = localLine((x) => Math.abs(x[0]! - 2), at, { scales, seed: 3 })
    expect(valley.r2).toBeLessThan(0.2)
    expect(Math.abs(valley.weights[0]!)).toBeLessThan(0.15)
  })

  it('draws weights in by its ridge', () => {
    const weight = (ridge: number) => localLine((x) => x[0]!, at, { scales, ridge, seed: 4 }).weights[0]!
    expect(weight(1e6)).toBeLessThan(0.01)
    expect(weight(1)).toBeGreaterThan(0.9)
  })

  it('gives the same for the same seed', () => {
    const run = (seed: number) => localLine((x) => x[0]! ** 2, at, { scales, seed })
    expect(run(1)).toEqual(run(1))
    expect(run(1).weights).not.toEqual(run(2).weights)
  })

  it.each([
    ['constant', () => 4],
    ['huge', (x: Float64Array) => (x[0]! > 2 ? 1e308 : 0)],
  ])('takes a %s score', (_, score) => {
    const { weights, intercept, r2 } = localLine(score, at, { scales, seed: 5 })
    for (const number of [...weights, intercept, r2]) expect(Number.isFinite(number)).toBe(true)
  })

  it('leaves what is missing out', () => {
    const score = (x: Float64Array) => (Number.isNaN(x[0]!) ? x[1]! : 1e9)
    const { weights } = localLine(score, Float64Array.of(Number.NaN, 50, 1), { scales, ridge: 1e-9, seed: 6 })
    expect(weights[0]).toBe(0)
    expect(weights[1]).toBeCloseTo(10, 6)
  })
})
