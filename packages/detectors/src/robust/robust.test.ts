import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { RobustDetector } from './robust.ts'

const plain = (name: string): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 })
const make = (features: Feature[], halfLife = 5000) =>
  new RobustDetector({ features, halfLife, minimum: 100 })

detectorContract(
  'robust',
  () => make(['a', 'b', 'c'].map(plain)),
  () => make(['a', 'b', 'd'].map(plain)),
)
detectorContract(
  'robust, transformed',
  () =>
    make([
      { ...plain('a'), transform: 'log' },
      { ...plain('b'), transform: 'sqrt' },
      { ...plain('c'), samples: { feature: 'a', factor: 1, prior: 0.01 } },
    ]),
  () => make([{ ...plain('a'), transform: 'sqrt' }, plain('b'), plain('c')]),
)

const train = (detector: RobustDetector, values: (i: number) => number, count = 1000) => {
  for (let i = 0; i < count; i++) detector.learn(Float64Array.of(values(i)))
  return detector
}

describe('RobustDetector', () => {
  it('gives z-scores for normal noise', () => {
    const rng = seeded(5)
    const detector = train(make([plain('a')]), () => 10 + normal(rng), 5000)
    expect(detector.score(Float64Array.of(15))).toBeGreaterThan(4.3)
    expect(detector.score(Float64Array.of(15))).toBeLessThan(5.7)
  })

  it('is not moved by one outlier in 25 as a mean would be', () => {
    const rng = seeded(6)
    const detector = train(make([plain('a')]), (i) => (i % 25 === 0 ? 1e6 : 10 + normal(rng)))
    expect(detector.explain(Float64Array.of(10)).expected[0]).toBeCloseTo(10, 0)
    expect(detector.score(Float64Array.of(20))).toBeGreaterThan(6)
  })

  it('is not blinded by a wild value that it has learned, be it the first one', () => {
    for (const wild of [0, 7, 499]) {
      const rng = seeded(6)
      const detector = train(make([plain('a')]), (i) => (i === wild ? 1e300 : 10 + normal(rng)))
      expect(detector.score(Float64Array.of(15))).toBeGreaterThan(4)
      expect(detector.score(Float64Array.of(15))).toBeLessThan(6)
    }
  })

  it('takes a new level for what it is, rounded as it may be', () => {
    // Single precision would have it 7 lower, told relative to the level before.
    const LEVEL = 1e9 + 7
    const detector = train(make([plain('a')], 200), () => 1 / 3)
    for (let i = 0; i < 5000; i++) {
      detector.learn(Float64Array.of(LEVEL))
      if (i > 220) expect(detector.score(Float64Array.of(LEVEL))).toBeLessThan(2)
    }
  })

  it('does not count the harmless direction', () => {
    const rng = seeded(7)
    const detector = train(make([{ ...plain('a'), direction: 'high' }]), () => 10 + normal(rng))
    expect(detector.score(Float64Array.of(-1000))).toBe(0)
    expect(detector.score(Float64Array.of(1000))).toBeGreaterThan(100)
  })

  it('measures a constant feature in its floor', () => {
    const detector = train(make([{ ...plain('a'), floor: 2 }]), () => 50)
    expect(detector.score(Float64Array.of(56))).toBeCloseTo(3, 9)
  })

  it('forgets: after some half-lives the new level is normal', () => {
    const rng = seeded(8)
    const detector = train(make([plain('a')], 200), () => 10 + normal(rng))
    expect(detector.score(Float64Array.of(30))).toBeGreaterThan(10)
    train(detector, () => 30 + normal(rng), 2000)
    expect(detector.score(Float64Array.of(30))).toBeLessThan(1)
    expect(detector.score(Float64Array.of(10))).toBeGreaterThan(10)
  })

  it('does not count a feature that it has hardly seen', () => {
    const detector = make([plain('a'), plain('b')])
    for (let i = 0; i < 500; i++) detector.learn(Float64Array.of(i % 7, i < 450 ? Number.NaN : 5))
    expect(detector.score(Float64Array.of(3, 1e6))).toBeLessThan(0.1)
  })

  it('weighs a share by the number of samples behind it', () => {
    const share: Feature = {
      ...plain('errors'),
      samples: { feature: 'rate', factor: 10, prior: 0.005 },
    }
    const detector = make([{ ...plain('rate'), direction: 'low' }, share])
    for (let i = 0; i < 500; i++) detector.learn(Float64Array.of(2, 0))
    const few = detector.score(Float64Array.of(2, 0.05))
    const many = detector.score(Float64Array.of(200, 0.05))
    expect(few).toBeLessThan(4)
    expect(many).toBeGreaterThan(20)
  })

  it('weighs a quantile by the samples above it', () => {
    const p99: Feature = { ...plain('p99'), samples: { feature: 'rate', factor: 10, above: 0.01 } }
    const rng = seeded(9)
    const detector = make([{ ...plain('rate'), direction: 'low' }, p99])
    for (let i = 0; i < 500; i++) detector.learn(Float64Array.of(2, 10 + normal(rng)))
    const few = detector.score(Float64Array.of(2, 20))
    const many = detector.score(Float64Array.of(200, 20))
    expect(many / few).toBeCloseTo(5, 9)
  })
})
