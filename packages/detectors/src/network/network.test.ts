import { beforeAll, describe, expect, it, vi } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Detector } from '../detector.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { RobustDetector } from '../robust/robust.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { initialWeights } from './initial.ts'
import { NetworkDetector } from './network.ts'
import type { NetworkSpec } from './spec.ts'
import { standardised } from './standardised.ts'
import { trainNetwork } from './training/index.ts'
import { makeWeights, type Weights } from './weights.ts'

// They train.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const plain = (name: string): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 })
const features = ['a', 'b', 'c'].map(plain)
const history = (rows: readonly Float64Array[]) =>
  History.of(
    rows,
    rows.map((_, i) => i * 1000),
  )
const make = (network: NetworkSpec, weights?: Weights, of: readonly Feature[] = features) =>
  new NetworkDetector({ features: of, network, halfLife: 5000 }, weights)

const specs: NetworkSpec[] = [
  { kind: 'autoencoder', inputs: 3, hidden: [4, 2, 4] },
  { kind: 'lstm', inputs: 3, hidden: 8, layers: 2 },
  { kind: 'tcn', inputs: 3, channels: 6, kernel: 3, dilations: [1, 2] },
]

/** As the contract's normal data. */
function noise(count: number, seed: number): Float64Array[] {
  const rng = seeded(seed)
  return Array.from({ length: count }, () =>
    Float64Array.from([100, 5, 0.5], (mean) => mean * (1 + 0.05 * normal(rng))),
  )
}

for (const network of specs) {
  let weights: Weights | undefined
  beforeAll(async () => {
    const data = [standardised(features, history(noise(500, 1)))]
    weights = await trainNetwork(network, data, { epochs: 2, batchSize: 4, learningRate: 0.01, seed: 1 })
  })

  detectorContract(
    network.kind,
    () => make(network, weights),
    () => make(network, weights, ['a', 'b', 'd'].map(plain)),
    { monotone: network.kind !== 'autoencoder' },
  )

  describe(`${network.kind} and its weights`, () => {
    const fitted = (own = weights) => {
      const detector = make(network, own)
      detector.fit(history(noise(600, 1)))
      return detector
    }

    it('is not ready without weights, nor before it is fitted with them', () => {
      const detector = make(network)
      detector.fit(history(noise(600, 1)))
      detector.observe(Float64Array.of(1, 2, 3), 1)
      expect(detector.ready).toBe(false)
      expect(detector.score(Float64Array.of(1e3, 5, 0.5))).toBe(0)
      detector.useWeights(weights!)
      expect(detector.ready).toBe(false)
      detector.fit(history(noise(600, 1)))
      expect(detector.ready).toBe(true)
      expect(detector.save()).toEqual(fitted().save())
    })

    it('refuses the state that belongs to other weights', () => {
      const other = initialWeights(network, 99)
      const bytes = fitted(other).save()
      const detector = fitted()
      const before = detector.save()
      expect(() => detector.load(bytes)).toThrow(expect.objectContaining({ code: 'foreign' }))
      expect(detector.save()).toEqual(before)
      detector.useWeights(other)
      detector.load(bytes)
      expect(detector.save()).toEqual(bytes)
    })

    it('goes on with new weights: fitted, and in their prediction', () => {
      const detector = fitted()
      const vector = Float64Array.of(107, 4.8, 0.51)
      const before = detector.score(vector)
      detector.useWeights(initialWeights(network, 99))
      detector.observe(Float64Array.of(100, 5, 0.5), 1e9)
      expect(detector.ready).toBe(true)
      expect(detector.score(vector)).not.toBe(before)
    })

    it('refuses weights of another shape, and a network for other features', () => {
      const wider: NetworkSpec = { kind: 'lstm', inputs: 3, hidden: 9, layers: 1 }
      expect(() => make(network, initialWeights(wider, 1))).toThrow(RangeError)
      expect(() => make(network, undefined, features.slice(1))).toThrow(/3 inputs cannot judge 2 features/)
    })

    it.each([1e3, 1e20, 3e38])('scores with a number even by weights of %d', (size) => {
      const absurd = initialWeights(network, 1).values.map((value) => size * Math.sign(value))
      const detector = fitted(makeWeights(network, absurd, 0))
      const copy = make(network, detector.weights)
      for (const [i, vector] of noise(50, 4).entries()) {
        const score = detector.score(vector)
        expect(Number.isFinite(score) && score >= 0).toBe(true)
        expect(detector.explain(vector).expected.every(Number.isFinite)).toBe(true)
        detector.observe(vector, 1e9 + i)
        copy.load(detector.save())
        expect(copy.score(vector)).toBe(detector.score(vector))
      }
    })

    it('keeps the weights out of the state', () => {
      const other: NetworkSpec = { kind: 'lstm', inputs: 3, hidden: 64, layers: 2 }
      const large = make(other, initialWeights(other, 1))
      large.fit(history(noise(100, 1)))
      expect(large.save().length).toBeLessThan(4000)
    })

    it('tells the mean square error of the latest vector', () => {
      const detector = fitted()
      detector.observe(Float64Array.of(100, 5, 0.5), 1e9)
      const usual = detector.reconstructionError
      expect(usual).toBeLessThan(3)
      detector.observe(Float64Array.of(200, 5, 0.5), 1e9)
      // 20 standard deviations off in one of three features.
      expect(detector.reconstructionError).toBeGreaterThan(50)
      expect(detector.reconstructionError).toBeLessThan(300)
    })

    it('learns wider scales from what it observed before, and nothing it was not told to learn', () => {
      const rng = seeded(5)
      const wide = Array.from({ length: 4000 }, () =>
        Float64Array.from([100, 5, 0.5], (mean) => mean * (1 + 0.2 * normal(rng))),
      )
      const learning = fitted()
      const watching = fitted()
      for (const [i, vector] of wide.entries()) {
        learning.observe(vector, 1e9 + i)
        watching.observe(vector, 1e9 + i)
        if (i >= 120) learning.learn(wide[i - 120]!, 1e9 + i - 120)
      }
      const band = (detector: NetworkDetector) => {
        const { low, high } = detector.explain(Float64Array.of(100, 5, 0.5))
        return high[0]! - low[0]!
      }
      expect(band(watching)).toBeCloseTo(band(fitted()), 6)
      expect(band(learning)).toBeGreaterThan(1.3 * band(watching))
    })
  })
}

describe('an order that is wrong', () => {
  const wave: NetworkSpec[] = [
    { kind: 'lstm', inputs: 2, hidden: 12, layers: 1 },
    { kind: 'tcn', inputs: 2, channels: 12, kernel: 3, dilations: [1, 2, 4] },
  ]
  const pair = ['x', 'y'].map(plain)

  /** Each of eight stages in turn, with little noise; `order` says which comes when. */
  function stages(count: number, seed: number, order: (i: number) => number): Float64Array[] {
    const rng = seeded(seed)
    return Array.from({ length: count }, (_, i) => {
      const stage = (2 * Math.PI * order(i)) / 8
      return Float64Array.of(
        50 + 10 * Math.sin(stage) + 0.5 * normal(rng),
        20 + 4 * Math.cos(stage) + 0.2 * normal(rng),
      )
    })
  }

  it.each(wave)('is seen by a $kind, and not by a robust detector', async (network) => {
    const rows = stages(600, 1, (i) => i)
    const data = [standardised(pair, history(rows))]
    const weights = await trainNetwork(network, data, {
      epochs: 12,
      batchSize: 2,
      learningRate: 0.02,
      window: 16,
      seed: 1,
    })
    const detectors = {
      network: make(network, weights, pair),
      robust: new RobustDetector({ features: pair, halfLife: 5000, minimum: 100 }),
    }
    const largest = (detector: Detector, vectors: Float64Array[]) => {
      let most = 0
      for (const [i, vector] of vectors.entries()) {
        if (i >= 40) most = Math.max(most, detector.score(vector, 1e9 + i))
        detector.observe(vector, 1e9 + i)
      }
      return most
    }
    const usual = stages(400, 2, (i) => i)
    // From vector 100 on backwards: the same stages, each value as often as ever.
    const broken = stages(400, 3, (i) => (i < 100 ? i : -i))
    for (const detector of Object.values(detectors)) detector.fit(history(rows))
    expect(largest(detectors.network, broken)).toBeGreaterThan(3 * largest(detectors.network, usual))
    expect(largest(detectors.robust, broken)).toBeLessThan(1.5 * largest(detectors.robust, usual))
  })
})

it('sees with an autoencoder values that are normal, but not together', async () => {
  const rng = seeded(1)
  const rows = Array.from({ length: 600 }, () => {
    const load = normal(rng)
    return Float64Array.of(100 + 10 * load + normal(rng), 50 + 5 * load + 0.5 * normal(rng), 3 + load * load)
  })
  const network: NetworkSpec = { kind: 'autoencoder', inputs: 3, hidden: [8, 1, 8] }
  const weights = await trainNetwork(network, [standardised(features, history(rows))], {
    epochs: 25,
    batchSize: 1,
    learningRate: 0.03,
    seed: 1,
  })
  const detector = make(network, weights)
  detector.fit(history(rows))
  const usual = Float64Array.from(rows, (row) => detector.score(row)).sort()
  const most = usual[Math.floor(0.99 * usual.length)]!
  expect(detector.score(Float64Array.of(115, 42.5, 5))).toBeGreaterThan(2 * most)
  expect(detector.score(Float64Array.of(115, 57.5, 5.2))).toBeLessThan(most)
})
