import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SHED, SheddingPolicy } from './shedding.ts'

const ALONE = { urgent: false }

describe('the policy of shedding', () => {
  it('gives up exemplars, then history, then entities, as readings after a collection rise', () => {
    const policy = new SheddingPolicy()
    const level = (share: number, collected: { urgent: boolean } | undefined = ALONE) =>
      policy.observe(share, collected, 0)
    expect([level(0.7), level(0.76), level(0.83), level(0.91)]).toEqual([0, 1, 2, 3])
    expect(new SheddingPolicy().observe(0.95, ALONE, 0)).toBe(3)
  })

  it('takes garbage for no use', () => {
    const policy = new SheddingPolicy()
    expect(policy.observe(0.99, undefined, 0)).toBe(0)
    expect(policy.observe(0.7, ALONE, 500)).toBe(0)
  })

  it('goes one step further with each collection that could not wait, as far as there is something to give up', () => {
    const policy = new SheddingPolicy()
    const levels = Array.from({ length: 5 }, () => policy.observe(0.6, { urgent: true }, 0))
    expect(levels).toEqual([1, 2, 3, 3, 3])
  })

  it('takes up one thing after the other, each after half a minute well below its mark', () => {
    const policy = new SheddingPolicy()
    policy.observe(0.95, ALONE, 0)
    // Below the mark of 0.9, and not well below it.
    for (let ms = 500; ms <= 120_000; ms += 500) expect(policy.observe(0.85, undefined, ms)).toBe(3)
    const levels = Array.from({ length: 200 }, (_, i) => policy.observe(0.5, undefined, 120_500 + i * 500))
    expect(levels.indexOf(2)).toBe(60)
    expect(levels.indexOf(1)).toBe(121)
    expect(levels.indexOf(0)).toBe(182)
    expect(levels.at(-1)).toBe(0)
  })

  it('begins the half minute anew with each reading that is not low', () => {
    const policy = new SheddingPolicy()
    policy.observe(0.8, ALONE, 0)
    expect(policy.observe(0.6, undefined, 1000)).toBe(1)
    expect(policy.observe(0.7, undefined, 30_000)).toBe(1)
    expect(policy.observe(0.6, undefined, 31_000)).toBe(1)
    expect(policy.observe(0.6, undefined, 60_999)).toBe(1)
    expect(policy.observe(0.6, undefined, 61_000)).toBe(0)
  })

  it('never falls faster than it may, never rises by garbage, and forgets nothing', () => {
    const reading = fc.record({ share: fc.double({ min: 0, max: 1.2, noNaN: true }), settled: fc.boolean() })
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 200 }), (readings) => {
        const policy = new SheddingPolicy()
        let before = 0
        for (const [at, { share, settled }] of readings.entries()) {
          const level = policy.observe(share, settled ? ALONE : undefined, at * 1000)
          expect(level).toBeLessThanOrEqual(SHED.length)
          expect(level).toBeGreaterThanOrEqual(before - 1)
          if (!settled) expect(level).toBeLessThanOrEqual(before)
          if (settled && share >= 0.9) expect(level).toBe(SHED.length)
          before = level
        }
      }),
      { seed: 1 },
    )
  })
})
