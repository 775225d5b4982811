import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { KMeansDetector } from './k-means.ts'
import { cluster } from './lloyd.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

const make = (names: string[], clusters = 4) =>
  new KMeansDetector({ features: names.map((name) => plain(name)), clusters, seed: 1 })

// Not monotone: away from one normal state may be towards another.
detectorContract(
  'k-means',
  () => make(['a', 'b', 'c']),
  () => make(['a', 'b', 'd']),
  { monotone: false },
)

/** Day, night and batch: requests, processor, disk; now and then (0.4 %) something odd. */
const STATES = [
  [100, 50, 10],
  [10, 8, 5],
  [10, 90, 80],
]
function days(count: number, seed: number) {
  const rng = seeded(seed)
  return Array.from({ length: count }, (_, i) => {
    const state = i % 250 === 7 ? [100, 100, 100] : STATES[i % 3]!
    return Float64Array.from(state, (v) => v + normal(rng))
  })
}

describe('normal states', () => {
  const detector = make(['requests', 'cpu', 'disk'], 6)
  detector.fit(history(days(3000, 1)))
  const usual = Math.max(
    ...days(500, 2)
      .filter((_, i) => i % 250 !== 7)
      .map((row) => detector.score(row)),
  )

  it('are each normal, and what mixes them is not', () => {
    expect(usual).toBeLessThan(5)
    expect(detector.score(Float64Array.of(100, 90, 10))).toBeGreaterThan(2 * usual)
    expect(detector.score(Float64Array.of(10, 50, 5))).toBeGreaterThan(2 * usual)
  })

  it('are not what was hardly ever there', () => {
    expect(detector.score(Float64Array.of(100, 100, 100))).toBeGreaterThan(2 * usual)
  })

  it('are named by the explanation, whose parts are exact', () => {
    const off = Float64Array.of(10, 30, 7)
    const { parts, expected } = detector.explain(off)
    expect(expected[0]).toBeCloseTo(10, 0)
    expect(expected[1]).toBeCloseTo(8, 0)
    const alone = detector.score(Float64Array.of(expected[0]!, 30, expected[2]!))
    expect(parts[1]).toBeCloseTo(alone ** 2 / detector.score(off) ** 2, 9)
  })
})

it('finds clusters that are apart, from any seed', () => {
  const rows = days(300, 1).filter((_, i) => i % 250 !== 7)
  const flat = Float64Array.from(rows.flatMap((row) => [...row]))
  for (let seed = 1; seed <= 20; seed++) {
    const { centers } = cluster(flat, 3, 3, seeded(seed))
    const first = [0, 1, 2].map((c) => Math.round(centers[3 * c + 1]! / 10) * 10).sort((a, b) => a - b)
    expect(first).toEqual([10, 50, 90])
  }
})
