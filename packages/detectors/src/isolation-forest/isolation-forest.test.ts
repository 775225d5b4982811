import { describe, expect, it } from 'vitest'
import { decodeModel, encodeModel } from '../codec/model.ts'
import { detectorContract } from '../detector.contract.ts'
import { meanValue } from '../explain/trees.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { averageDepth } from './grow.ts'
import { IsolationForestDetector } from './isolation-forest.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

const make = (names: string[], seed = 1, trees = 100) =>
  new IsolationForestDetector({ features: names.map((name) => plain(name)), seed, trees })

// Not monotone: the splits are random, and beyond the farthest sample all are alike.
detectorContract(
  'isolation forest',
  () => make(['a', 'b', 'c'], 1, 20),
  () => make(['a', 'b', 'd'], 1, 20),
  { monotone: false },
)

/** A ring: its centre is empty, though as normal as can be feature by feature. */
function ring(count: number, seed: number) {
  const rng = seeded(seed)
  return Array.from({ length: count }, () => {
    const angle = 2 * Math.PI * rng()
    return Float64Array.of(Math.cos(angle), Math.sin(angle)).map((v) => 10 * v + normal(rng) / 3)
  })
}

describe('a forest', () => {
  const detector = make(['a', 'b'])
  detector.fit(history(ring(2000, 1)))

  it('isolates what lies where nothing else does', () => {
    const sorted = Float64Array.from(ring(500, 2), (row) => detector.score(row)).sort()
    expect(detector.score(Float64Array.of(0, 0))).toBeGreaterThan(sorted[475]!)
    expect(detector.score(Float64Array.of(12, 12))).toBeGreaterThan(sorted[499]!)
    expect(sorted[250]).toBeLessThan(0.55)
  })

  it('has trees that lead every vector of the sample to a leaf, and cover them', () => {
    const { roots, feature, left, right, cover } = detector.trees
    expect(roots.length).toBe(100)
    for (let t = 0; t < roots.length; t++) expect(cover[roots[t]!]).toBe(256)
    for (let node = 0; node < feature.length; node++)
      if (feature[node]! >= 0) {
        expect(cover[node]).toBe(cover[left[node]!]! + cover[right[node]!]!)
        expect(cover[left[node]!]).toBeGreaterThan(0)
        expect(cover[right[node]!]).toBeGreaterThan(0)
      }
  })

  it('scores by the mean depth', () => {
    const score = detector.score(Float64Array.of(3, 4))
    const depth = -Math.log2(score) * averageDepth(256)
    expect(depth).toBeGreaterThan(1)
    expect(depth).toBeLessThan(9 + averageDepth(256))
    // The first sample's mean depth is what an average vector's score of about a half comes from.
    expect(meanValue(detector.trees, Float64Array.of(1e3, 1e3))).toBeLessThan(depth)
  })
})

it('finds the odd feature among many', () => {
  const names = Array.from({ length: 17 }, (_, i) => `f${i}`)
  const detector = make(names)
  const rng = seeded(3)
  const draw = () => Float64Array.from(names, () => normal(rng))
  detector.fit(history(Array.from({ length: 2000 }, draw)))
  let first = 0
  for (let i = 0; i < 50; i++) {
    const vector = draw()
    vector[i % 17] = 12
    const { parts } = detector.explain(vector)
    if (parts.indexOf(Math.max(...parts)) === i % 17) first++
  }
  expect(first).toBeGreaterThanOrEqual(40)
})

it('grows other trees with another seed', () => {
  const [one, other] = [make(['a', 'b'], 1), make(['a', 'b'], 2)]
  for (const detector of [one, other]) detector.fit(history(ring(500, 1)))
  expect(one.score(Float64Array.of(3, 4))).not.toBe(other.score(Float64Array.of(3, 4)))
})

it('knows how many splits isolate one of so many on average', () => {
  expect([0, 1, 2].map(averageDepth)).toEqual([0, 0, 1])
  expect(averageDepth(256)).toBeCloseTo(10.2448, 4)
})

describe('a sound file whose trees are not whole', () => {
  const detector = make(['a', 'b'], 1, 5)
  detector.fit(history(ring(500, 1)))
  const before = detector.save()

  it.each([
    ['begins in another tree', 'roots', 1, 1],
    ['splits a feature that there is not', 'feature', 0, 2],
    ['has nodes of no tree', 'feature', 0, -1],
  ])('is refused: %s', (_, layer, at, value) => {
    const model = decodeModel(before)
    const { data } = model.layers.get(layer)!
    if (typeof data !== 'string') data[at] = value
    expect(() => detector.load(encodeModel(model))).toThrow(expect.objectContaining({ code: 'corrupt' }))
    expect(detector.save()).toEqual(before)
  })
})
