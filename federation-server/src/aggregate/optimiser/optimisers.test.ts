import { describe, expect, it } from 'vitest'
import { Adam } from './adam.ts'
import { Momentum } from './momentum.ts'
import { PlainStep } from './plain-step.ts'
import type { OptimiserStep, ServerOptimiser } from './server-optimiser.ts'

const optimisers: [string, () => ServerOptimiser][] = [
  ['plain', () => new PlainStep()],
  ['momentum', () => new Momentum()],
  ['adam', () => new Adam({ rate: 0.01 })],
]

describe.each(optimisers)('%s', (_, factory) => {
  const weights = Float32Array.of(1, -2, 0.5)
  const update = Float64Array.of(0.1, -0.2, 0)

  /** After so many steps in one direction. */
  function run(steps: number) {
    const optimiser = factory()
    let now: OptimiserStep = { weights, state: optimiser.begin(3) }
    for (let i = 0; i < steps; i++) now = optimiser.step(now.weights, update, now.state)
    return now
  }

  it('goes where the updates point, and nowhere without one', () => {
    const { weights: after, state } = run(10)
    expect(after[0]).toBeGreaterThan(1.02)
    expect(after[1]).toBeLessThan(-2.02)
    expect(after[2]).toBe(0.5)
    expect(state.steps).toBe(10)
  })

  it('gives the same bits again, from its state too, and writes to nothing', () => {
    expect(run(6)).toEqual(run(6))
    const middle = run(5)
    const copy = structuredClone(middle)
    expect(factory().step(copy.weights, update, copy.state)).toEqual(run(6))
    expect(copy).toEqual(middle)
    expect([...weights, ...update]).toEqual([1, -2, 0.5, 0.1, -0.2, 0])
  })

  it('refuses another length, and weights that would not be finite', () => {
    const optimiser = factory()
    expect(() => optimiser.step(weights, Float64Array.of(1), optimiser.begin(3))).toThrow(RangeError)
    const huge = Float32Array.of(3.4e38, 0, 0)
    const far = new Float64Array(3).fill(1e300)
    const farther = { steps: 1, moments: optimiser.begin(3).moments.map((m) => m.fill(1e300)) }
    if (optimiser.name !== 'adam') expect(() => optimiser.step(huge, far, farther)).toThrow(RangeError)
    else expect(optimiser.step(huge, far, optimiser.begin(3)).weights.every(Number.isFinite)).toBe(true)
  })
})

it('momentum goes on where an update would have ended, and Adam moves all weights alike', () => {
  const momentum = new Momentum(1, 0.9)
  const first = momentum.step(new Float32Array(1), Float64Array.of(1), momentum.begin(1))
  const second = momentum.step(first.weights, Float64Array.of(0), first.state)
  expect(second.weights[0]).toBeCloseTo(0.1 + 0.09, 6)
  const adam = new Adam({ rate: 0.01, tau: 1e-9 })
  const { weights } = adam.step(new Float32Array(2), Float64Array.of(1e-4, -10), adam.begin(2))
  expect([...weights].map((value) => Number(value.toFixed(5)))).toEqual([0.01, -0.01])
  expect(() => new Momentum(1, 1)).toThrow(RangeError)
  expect(() => new Adam({ tau: 0 })).toThrow(RangeError)
})
