import { expect, it } from 'vitest'
import { sigmoid, tanh } from './activation.ts'

it('is exact to single precision, everywhere', () => {
  for (let x = -20; x <= 20; x += 0.003) {
    expect(Math.abs(tanh(x) - Math.tanh(x))).toBeLessThan(3e-7)
    expect(Math.abs(sigmoid(x) - 1 / (1 + Math.exp(-x)))).toBeLessThan(3e-7)
  }
})

it('is finite at the ends', () => {
  for (const x of [1e308, Number.POSITIVE_INFINITY]) {
    expect(tanh(x)).toBeCloseTo(1, 6)
    expect(tanh(-x)).toBeCloseTo(-1, 6)
    expect(sigmoid(-x)).toBeCloseTo(0, 6)
  }
  expect(tanh(0)).toBe(0)
})
