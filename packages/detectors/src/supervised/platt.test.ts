import { expect, it } from 'vitest'
import { fitSigmoid, logistic } from './platt.ts'

const ones = (count: number) => new Float64Array(count).fill(1)

it('fitSigmoid is not certain of values that can be told without fault', () => {
  const values = Float64Array.of(-2, -1, 1, 2)
  const { slope, shift } = fitSigmoid(values, Uint8Array.of(0, 0, 1, 1), ones(4))
  const [first, , , last] = values.map((value) => logistic(slope * value + shift))
  expect(last).toBeGreaterThan(0.6)
  expect(last).toBeLessThan(0.9)
  expect(first).toBeCloseTo(1 - last!, 9)
})

it.each([
  ['constant', [3, 3, 3, 3]],
  ['zero', [0, 0, 0, 0]],
  ['huge', [-1e300, 1e300, 1e308, 1e307]],
])('fitSigmoid takes %s values', (_, values) => {
  const { slope, shift } = fitSigmoid(Float64Array.from(values), Uint8Array.of(0, 0, 1, 1), ones(4))
  for (const value of values) {
    const probability = logistic(slope * value + shift)
    expect(probability >= 0 && probability <= 1).toBe(true)
  }
})

it('logistic does not overflow', () => {
  expect(logistic(1e308)).toBe(1)
  expect(logistic(-1e308)).toBe(0)
  expect(logistic(0)).toBe(0.5)
})
