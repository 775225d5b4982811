import { seeded } from '@adf/detectors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { privatise } from './gaussian-mechanism.ts'
import { ORDERS } from './orders.ts'
import { epsilonOf, guaranteeOf, renyiOf } from './renyi-accountant.ts'
import { secureRng } from './secure-rng.ts'

describe('the accountant', () => {
  // compute_dp_sgd_privacy_test.py of TensorFlow Privacy: examples, batch, noise, epochs, δ, ε, best order.
  it.each([
    [60_000, 150, 1.3, 15, 1e-5, 0.7242234026109595, 19],
    [100_000, 100, 1, 30, 1e-7, 1.4154988495444845, 13],
  ])(
    'gives what TensorFlow Privacy publishes: %d examples, batches of %d',
    (n, batch, noise, epochs, delta, epsilon, order) => {
      const steps = (epochs * n) / batch
      const renyi = renyiOf({ samplingRate: batch / n, noiseMultiplier: noise }).map((one) => steps * one)
      const found = guaranteeOf(renyi, delta)
      expect(found.epsilon).toBeCloseTo(epsilon, 10)
      expect(found.order).toBe(order)
    },
  )

  it('is never below, and within a thousandth of, what Opacus has between whole orders', () => {
    // accountants_test.py of Opacus: noise 1.5, rate 0.04, 2250 steps, δ 1e-5.
    const epsilon = epsilonOf({ samplingRate: 0.04, noiseMultiplier: 1.5 }, 2250, 1e-5)
    expect(epsilon).toBeGreaterThanOrEqual(7.32911117143)
    expect(epsilon).toBeLessThan(1.001 * 7.32911117143)
  })

  it('without sampling follows α/2σ² (Mironov 2017, corollary 3), and sampling with rate 1 is none', () => {
    const renyi = renyiOf({ samplingRate: 1, noiseMultiplier: 2 })
    expect([...renyi]).toEqual(ORDERS.map((order) => order / 8))
    const nearly = renyiOf({ samplingRate: 1 - 1e-12, noiseMultiplier: 2 })
    for (const [i, order] of ORDERS.entries())
      if (Number.isInteger(order)) expect(nearly[i]).toBeCloseTo(renyi[i]!, 6)
  })

  it('spends more with more steps, less noise, a higher rate and a smaller δ', () => {
    const of = (rate: number, noise: number, steps: number, delta: number) =>
      epsilonOf({ samplingRate: rate, noiseMultiplier: noise }, steps, delta)
    const usual = of(0.1, 1, 100, 1e-5)
    expect(of(0.1, 1, 200, 1e-5)).toBeGreaterThan(usual)
    expect(of(0.1, 0.8, 100, 1e-5)).toBeGreaterThan(usual)
    expect(of(0.2, 1, 100, 1e-5)).toBeGreaterThan(usual)
    expect(of(0.1, 1, 100, 1e-6)).toBeGreaterThan(usual)
    expect(of(0.1, 1, 0, 1e-5)).toBe(0)
    expect(of(0, 1, 100, 1e-5)).toBe(0)
  })

  it('never gains from splitting steps, and stays finite or says infinity, never NaN', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.05, max: 50, noNaN: true }),
        fc.integer({ min: 1, max: 10_000 }),
        (samplingRate, noiseMultiplier, steps) => {
          const renyi = renyiOf({ samplingRate, noiseMultiplier })
          expect(renyi.every((value) => value >= -1e-12)).toBe(true)
          const epsilon = epsilonOf({ samplingRate, noiseMultiplier }, steps, 1e-5)
          expect(epsilon).toBeGreaterThanOrEqual(0)
          const unsampled = epsilonOf({ samplingRate: 1, noiseMultiplier }, steps, 1e-5)
          expect(epsilon).toBeLessThanOrEqual(unsampled * (1 + 1e-9))
        },
      ),
      { seed: 2019, numRuns: 200 },
    )
  })

  it('refuses what is no mechanism', () => {
    for (const samplingRate of [-0.1, 1.1, Number.NaN])
      expect(() => renyiOf({ samplingRate, noiseMultiplier: 1 })).toThrow(RangeError)
    for (const noiseMultiplier of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => renyiOf({ samplingRate: 1, noiseMultiplier })).toThrow(RangeError)
    for (const delta of [0, 1, Number.NaN])
      expect(() => guaranteeOf(renyiOf({ samplingRate: 1, noiseMultiplier: 1 }), delta)).toThrow(RangeError)
    expect(() => guaranteeOf(new Float64Array(3), 0.1)).toThrow('3 divergences')
    expect(() => epsilonOf({ samplingRate: 1, noiseMultiplier: 1 }, 1.5, 0.1)).toThrow('1.5 steps')
  })
})

describe('the mechanism', () => {
  const norm = (values: Float32Array) => Math.hypot(...values)
  const update = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i))

  it('shortens a long update, leaves a short one, and adds noise of the right size to every value', () => {
    for (const [clip_norm, kept] of [
      [1, 1 / norm(update)],
      [1e4, 1],
    ] as const) {
      const out = privatise(update, { clip_norm, noise_multiplier: 0.5 }, seeded(1))
      const noise = out.map((value, i) => value - kept * update[i]!)
      expect(norm(noise) / Math.sqrt(noise.length) / (0.5 * clip_norm)).toBeCloseTo(1, 1)
      const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length
      expect(Math.abs(mean)).toBeLessThan((4 * 0.5 * clip_norm) / Math.sqrt(noise.length))
      expect(new Set(noise).size).toBeGreaterThan(4900)
    }
  })

  it('hides an update that is not there just as well', () => {
    const out = privatise(new Float32Array(1000), { clip_norm: 1, noise_multiplier: 1 }, seeded(1))
    expect(norm(out) / Math.sqrt(1000)).toBeCloseTo(1, 1)
  })

  it('refuses what is not finite', () => {
    const privacy = { clip_norm: 1, noise_multiplier: 1 }
    expect(() => privatise(Float32Array.of(1, Number.NaN), privacy, seeded(1))).toThrow('not finite')
    expect(() =>
      privatise(update, { ...privacy, noise_multiplier: Number.POSITIVE_INFINITY }, seeded(1)),
    ).toThrow('noise')
    expect(() => privatise(update, { ...privacy, clip_norm: 0 }, seeded(1))).toThrow('clip norm')
  })

  it('draws uniform numbers in [0, 1) from random words', () => {
    let fills = 0
    const rng = secureRng((words) => {
      fills++
      crypto.getRandomValues(words)
    })
    const drawn = Array.from({ length: 10_000 }, rng)
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...drawn)).toBeLessThan(1)
    expect(drawn.reduce((sum, value) => sum + value, 0) / 10_000).toBeCloseTo(0.5, 1)
    expect(fills).toBe(20)
    expect(secureRng((words) => words.fill(0xffff_ffff))()).toBe(1 - 2 ** -53)
    expect(secureRng((words) => words.fill(0))()).toBe(0)
  })
})
