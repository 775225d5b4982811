import { describe, expect, it } from 'vitest'
import { createDetector } from '../create.ts'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { HbosDetector } from '../hbos/hbos.ts'
import { History } from '../history.ts'
import { IsolationForestDetector } from '../isolation-forest/isolation-forest.ts'
import { LofDetector } from '../lof/lof.ts'
import { PcaDetector } from '../pca/pca.ts'
import { PercentileDetector } from '../percentile/percentile.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { majorityEnsemble } from './default.ts'
import { MajorityDetector } from './majority.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

function make(names: string[], share = 0.01) {
  const features = names.map((name) => plain(name))
  const members = [
    new IsolationForestDetector({ features, seed: 1, trees: 20 }),
    new LofDetector({ features, seed: 1 }),
    new HbosDetector({ features, bins: 20, edges: 'dynamic', halfLife: 5000 }),
  ]
  return new MajorityDetector({ members, share })
}

// Not monotone, as its members are not.
detectorContract(
  'majority',
  () => make(['a', 'b', 'c']),
  () => make(['a', 'b', 'd']),
  { monotone: false },
)

const noise = (count: number, seed: number) => {
  const rng = seeded(seed)
  return Array.from({ length: count }, () => Float64Array.from({ length: 3 }, () => 10 + normal(rng)))
}

describe('votes', () => {
  const detector = make(['a', 'b', 'c'])
  detector.fit(history(noise(2000, 1)))

  it('are rare among normal vectors, which without any are still ranked', () => {
    const scores = noise(2000, 2).map((row, i) => detector.score(row, i))
    const voted = scores.filter((score) => score >= 1)
    expect(new Set(scores).size).toBeGreaterThan(1000)
    expect(voted.length / scores.length).toBeLessThan(0.05)
    expect(voted.length).toBeGreaterThan(5)
  })

  it('of all members come together for what is far off', () => {
    const score = detector.score(Float64Array.of(30, -10, 10), 0)
    expect(score).toBeGreaterThan(3)
    expect(detector.score(Float64Array.of(300, -280, 10), 0)).toBeGreaterThan(2 * score)
  })
})

/** A limit on one feature, as a member whose vote is known. */
const limited = (name: string, at: number) => {
  const features = ['a', 'b'].map((each) => plain(each))
  const member = new PercentileDetector({
    features: features.map((f) => (f.name === name ? f : { ...f, floor: 1e6 })),
    share: at,
    halfLife: 1e6,
  })
  return member
}

it('ranks more votes above a larger excess of fewer', () => {
  const detector = new MajorityDetector({ members: [limited('a', 0.01), limited('b', 0.01)] })
  const rng = seeded(5)
  detector.fit(history(Array.from({ length: 2000 }, () => Float64Array.of(normal(rng), normal(rng)))))
  const one = detector.score(Float64Array.of(500, 0), 0)
  const two = detector.score(Float64Array.of(6, 6), 0)
  expect(Math.floor(one)).toBe(1)
  expect(two).toBeGreaterThanOrEqual(2)
  expect(detector.score(Float64Array.of(900, 0), 0)).toBeGreaterThan(one)
  const { parts } = detector.explain(Float64Array.of(6, 6), 0)
  expect(parts[0]).toBeCloseTo(0.5, 6)
})

it('refuses a model of other members, and stays as it was', () => {
  const features = ['a', 'b', 'c'].map((name) => plain(name))
  const detector = make(['a', 'b', 'c'])
  detector.fit(history(noise(600, 1)))
  const before = detector.save()
  const other = new MajorityDetector({ members: [new PcaDetector({ features, variance: 0.9 })] })
  expect(() => detector.load(other.save())).toThrow(expect.objectContaining({ code: 'foreign' }))
  expect(() => detector.load(make(['a', 'b', 'c'], 0.02).save())).toThrow(
    expect.objectContaining({ code: 'foreign' }),
  )
  expect(detector.save()).toEqual(before)
})

it('does not vote at all times once a feature has drifted out of what its members learned', () => {
  const detector = make(['a', 'b', 'c'])
  const rng = seeded(7)
  const row = (i: number) => Float64Array.of(normal(rng) + i / 300, normal(rng), normal(rng))
  detector.fit(history(Array.from({ length: 1000 }, (_, i) => row(i))))
  let voted = 0
  for (let i = 1000; i < 6000; i++) {
    const vector = row(i)
    if (i >= 4000 && detector.score(vector, i) >= 1) voted++
    detector.observe(vector, i)
  }
  expect(voted / 2000).toBeLessThan(0.1)
})

it('goes on after a restart with what is usual for its members', () => {
  const [detector, again] = [make(['a', 'b', 'c']), make(['a', 'b', 'c'])]
  detector.fit(history(noise(600, 1)))
  for (const [i, row] of noise(100, 3).entries()) detector.observe(row, 600 + i)
  again.load(detector.save())
  for (const [i, row] of noise(300, 4).entries()) {
    expect(again.score(row, 700 + i)).toBe(detector.score(row, 700 + i))
    for (const each of [detector, again]) each.observe(row, 700 + i)
  }
})

it('is isolation forest, LOF and HBOS by default', () => {
  const features = ['a', 'b', 'c'].map((name) => plain(name))
  const detector = createDetector(majorityEnsemble(features, { halfLife: 5000 }))
  detector.fit(history(noise(1000, 1)))
  expect(detector.score(Float64Array.of(40, -20, 10), 0)).toBeGreaterThan(3)
  const stored = Buffer.from(detector.save()).toString('latin1')
  for (const kind of ['isolation-forest', 'lof', 'hbos']) expect(stored).toContain(kind)
})
