import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { LofDetector } from './lof.ts'
import { Nearest } from './nearest.ts'
import { reservoir } from './reservoir.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

const make = (names: string[], seed = 1) =>
  new LofDetector({ features: names.map((name) => plain(name)), seed })

// Not monotone: coming closer to another cluster lowers the factor.
detectorContract(
  'lof',
  () => make(['a', 'b', 'c']),
  () => make(['a', 'b', 'd']),
  { monotone: false },
)

/** A dense cluster around (0, 0) and a wide one around (100, 0). */
function clusters(count: number, seed: number) {
  const rng = seeded(seed)
  return Array.from({ length: count }, (_, i) => {
    const [center, spread] = i % 2 ? [0, 0.5] : [100, 15]
    return Float64Array.of(center + spread * normal(rng), spread * normal(rng))
  })
}

it('sees a vector beside a dense cluster that is closer than normal ones of a wide cluster are to each other', () => {
  const detector = make(['a', 'b'])
  detector.fit(history(clusters(2000, 1)))
  const usual = clusters(500, 2).map((row) => detector.score(row))
  const beside = Float64Array.of(0, 8)
  expect(detector.score(beside)).toBeGreaterThan(Math.max(...usual))
  expect(detector.score(Float64Array.of(100, 8))).toBeLessThan(2)
  const { parts, expected } = detector.explain(beside)
  expect(parts[1]).toBeGreaterThan(0.9)
  expect(Math.abs(expected[0]!)).toBeLessThan(2)
})

it('is about 1 for what is normal', () => {
  const detector = make(['a', 'b'])
  detector.fit(history(clusters(2000, 1)))
  const sorted = Float64Array.from(clusters(500, 2), (row) => detector.score(row)).sort()
  expect(sorted[250]).toBeGreaterThan(0.9)
  expect(sorted[250]).toBeLessThan(1.2)
})

it('does not take the first jitter after equal vectors for a wild outlier', () => {
  const detector = make(['a'])
  detector.fit(history(Array.from({ length: 500 }, (_, i) => Float64Array.of(i % 10 === 0 ? 6 : 5))))
  expect(detector.score(Float64Array.of(5.001))).toBeLessThan(2)
  expect(detector.score(Float64Array.of(50))).toBeGreaterThan(100)
})

it('keeps other references with another seed', () => {
  const [one, other] = [make(['a', 'b'], 1), make(['a', 'b'], 2)]
  for (const detector of [one, other]) detector.fit(history(clusters(2000, 1)))
  expect(one.score(Float64Array.of(30, 3))).not.toBe(other.score(Float64Array.of(30, 3)))
})

describe('reservoir', () => {
  it('keeps all when there are not more', () => {
    expect([...reservoir(3, 5, seeded(1))]).toEqual([0, 1, 2])
  })

  it('keeps each as likely as any other', () => {
    const times = new Float64Array(40)
    const rng = seeded(1)
    for (let i = 0; i < 4000; i++) for (const kept of reservoir(40, 10, rng)) times[kept]!++
    for (const count of times) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})

it('finds the nearest as a full sort does', () => {
  const rng = seeded(4)
  const rows = Float64Array.from({ length: 300 }, () => normal(rng))
  const nearest = new Nearest(7)
  const vector = Float64Array.of(0.1, 0.2, 0.3)
  const last = nearest.find(vector, rows, 5)
  const sorted = Array.from({ length: 100 }, (_, row) => ({
    row,
    distance: Math.hypot(...vector.map((v, i) => v - rows[row * 3 + i]!)),
  }))
    .filter(({ row }) => row !== 5)
    .sort((a, b) => a.distance - b.distance)
  expect([...nearest.indices]).toEqual(sorted.slice(0, 7).map(({ row }) => row))
  expect(last).toBeCloseTo(sorted[6]!.distance, 12)
})
