import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromRing, toRing } from './fixed-point.ts'
import { checkRound, largestTerm, scaleOf } from './parameters.ts'
import { roundOf } from './testing/cohort.ts'

describe('fixed point', () => {
  it('of as many clients as there may be does not overflow, at either end', () => {
    for (const clients of [3, 10, 255])
      for (const clip of [0.37, 1, 1e-30, 12345.678, 1e30])
        for (const side of [-1, 1]) {
          const round = roundOf({ clients, threshold: clients, length: 1, clip, sampleCap: 9999 })
          const { terms, clipped } = toRing(round, Float32Array.of(side * 2 * clip), 1e9)
          expect(clipped).toBe(1)
          expect(Math.abs(terms[0]! | 0)).toBeLessThanOrEqual(largestTerm(round))
          const sum = terms.map((term) => term * clients)
          const { mean, weight } = fromRing(round, sum, clients)
          expect(weight).toBe(clients * 9999)
          expect(mean[0]! / (side * clip)).toBeCloseTo(1, 6)
        }
  })

  it('is the weighted mean within n / (2 · scale · weight), whatever the values, weights and clip', () => {
    const client = fc.record({
      value: fc.float({ noNaN: true, noDefaultInfinity: true }),
      samples: fc.integer({ min: 1, max: 100_000 }),
    })
    fc.assert(
      fc.property(
        fc.array(client, { minLength: 1, maxLength: 12 }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 50_000 }),
        (clients, clip, sampleCap) => {
          const round = roundOf({ clients: 12, threshold: 7, length: 1, clip, sampleCap })
          const sum = new Uint32Array(2)
          let plain = 0
          let total = 0
          for (const { value, samples } of clients) {
            const { terms } = toRing(round, Float32Array.of(value), samples)
            sum[0]! += terms[0]!
            sum[1]! += terms[1]!
            const weight = Math.min(samples, sampleCap)
            plain += weight * Math.max(-clip, Math.min(clip, Math.fround(value)))
            total += weight
          }
          const { mean, weight } = fromRing(round, sum, clients.length)
          expect(weight).toBe(total)
          const bound = clients.length / (2 * scaleOf(round) * total) + 1e-9 * clip
          expect(Math.abs(mean[0]! - plain / total)).toBeLessThanOrEqual(bound)
        },
      ),
      { seed: 2017, numRuns: 500 },
    )
  })

  it('refuses what is no update', () => {
    const round = roundOf({ length: 2 })
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(() => toRing(round, Float32Array.of(0, value), 1)).toThrow(`value 1 is ${value}`)
    expect(() => toRing(round, new Float32Array(3), 1)).toThrow('3 values, the round has 2')
    for (const samples of [0, -1, 1.5, Number.NaN])
      expect(() => toRing(round, new Float32Array(2), samples)).toThrow(`${samples} samples`)
  })

  it('refuses a sum of samples that so many clients cannot have', () => {
    const round = roundOf({ length: 1 })
    for (const weight of [0, 2, 3001, 2 ** 32 - 1])
      expect(() => fromRing(round, Uint32Array.of(5, weight), 3)).toThrow(
        expect.objectContaining({ code: 'implausible_weight' }),
      )
  })
})

describe('parameters', () => {
  it('are taken at their limits and refused beyond, with every fault', () => {
    for (const sound of [
      { clients: 3, threshold: 2 },
      { clients: 255, threshold: 128 },
      { sampleCap: 53_687_091 },
    ])
      expect(() => checkRound(roundOf(sound))).not.toThrow()
    for (const wrong of [
      { clients: 2, threshold: 2 },
      { clients: 256, threshold: 200 },
      { clients: 6, threshold: 3 },
      { threshold: 6 },
      { threshold: 2.5 },
      { length: 0 },
      { clip: 0 },
      { clip: 9e-31 },
      { clip: 1.1e30 },
      { clip: Number.MAX_VALUE },
      { clip: Number.NaN },
      { clip: Number.POSITIVE_INFINITY },
      { sampleCap: 53_687_092 },
      { sampleCap: 0 },
      { run: '' },
      { round: 0 },
      { base: -1 },
    ])
      expect(() => checkRound(roundOf(wrong))).toThrow(
        expect.objectContaining({ code: 'invalid_parameters' }),
      )
    expect(() => checkRound(roundOf({ clip: -1, round: 1.5 }))).toThrow(/round 1.5.*; clip -1/)
  })
})
