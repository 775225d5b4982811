import { describe, expect, it } from 'vitest'
import { normal, seeded } from '../statistics/sampling.ts'
import { kernelShap } from './kernel-shap.ts'
import { shapleyByDefinition } from './shapley.oracle.ts'

const draw = (width: number, seed: number) => {
  const rng = seeded(seed)
  return Float64Array.from({ length: width }, () => normal(rng))
}
const background = (width: number) => [draw(width, 101), draw(width, 102), draw(width, 103)]

/** Not linear, with interactions of every order. */
const bent = (x: Float64Array): number =>
  Math.hypot(...x) +
  x.reduce((product, v, i) => product * (1 + 0.3 * Math.tanh(v + i)), 1) +
  x[0]! * x.at(-1)!

function exact(score: (x: Float64Array) => number, vector: Float64Array): Float64Array {
  const others = background(vector.length)
  const worth = (known: number) =>
    others.reduce((sum, other) => sum + score(vector.map((v, i) => ((known >> i) & 1 ? v : other[i]!))), 0) /
    others.length
  return shapleyByDefinition(worth, vector.length)
}

describe('kernelShap', () => {
  it.each([1, 2, 3, 4, 5, 7, 10])('is exact where all sets are tried: %i features', (width) => {
    const vector = draw(width, 1)
    const { values, errors } = kernelShap(bent, vector, { background: background(width), seed: 1 })
    const wanted = exact(bent, vector)
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wanted[i]!, 9)
    expect(Math.max(...errors)).toBe(0)
  })

  it('from samples is as far off as it says', () => {
    const vector = draw(10, 2)
    const wanted = exact(bent, vector)
    let squares = 0
    let within = 0
    let relative = 0
    const seeds = 40
    for (let seed = 0; seed < seeds; seed++) {
      const options = { background: background(10), coalitions: 300, seed }
      const { base, values, errors } = kernelShap(bent, vector, options)
      expect(values.reduce((a, b) => a + b, base)).toBeCloseTo(bent(vector), 9)
      for (const [i, value] of values.entries()) {
        const off = (value - wanted[i]!) / errors[i]!
        squares += off ** 2 / seeds / 10
        if (Math.abs(off) < 2) within += 1 / seeds / 10
        relative += Math.abs(value - wanted[i]!) / Math.abs(wanted[i]!) / seeds / 10
      }
    }
    expect(Math.sqrt(squares)).toBeGreaterThan(0.7)
    expect(Math.sqrt(squares)).toBeLessThan(1.4)
    expect(within).toBeGreaterThan(0.9)
    expect(relative).toBeLessThan(0.1)
  })

  it('gets better with more sets', () => {
    const vector = draw(17, 3)
    const error = (coalitions: number) =>
      kernelShap(bent, vector, { background: background(17), coalitions, seed: 1 }).errors.reduce(
        (a, b) => a + b,
        0,
      )
    expect(error(5000)).toBeLessThan(0.6 * error(500))
  })

  it('is exact for a sum, however few sets', () => {
    const linear = (x: Float64Array) => x.reduce((sum, v, i) => sum + i * v, 3)
    const vector = draw(30, 4)
    const options = { background: background(30), coalitions: 1, seed: 5 }
    const { values, errors } = kernelShap(linear, vector, options)
    for (const [i, value] of values.entries()) {
      const mean = options.background.reduce((sum, other) => sum + other[i]! / 3, 0)
      expect(value).toBeCloseTo(i * (vector[i]! - mean), 9)
    }
    expect(Math.max(...errors)).toBeLessThan(1e-9)
  })

  it('gives the same for the same seed', () => {
    const run = (seed: number) =>
      kernelShap(bent, draw(12, 6), { background: background(12), coalitions: 100, seed })
    expect(run(1)).toEqual(run(1))
    expect(run(1).values).not.toEqual(run(2).values)
  })

  it('takes huge scores', () => {
    const huge = (x: Float64Array) => (x[0]! > 0 ? 1e308 : -1e307)
    const vector = Float64Array.of(5, 1, 1)
    const { values } = kernelShap(huge, vector, { background: [Float64Array.of(-1, 0, 0)], seed: 1 })
    for (const value of values) expect(value).not.toBeNaN()
    expect(values[0]! / 1.1e308).toBeCloseTo(1, 9)
  })

  it('needs something to compare with', () => {
    expect(() => kernelShap(bent, draw(3, 1), { background: [], seed: 1 })).toThrow(RangeError)
  })
})
