import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { SubsequencePcaDetector } from './subsequence-pca.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

const make = (names: string[], window = 8, variance = 0.9) =>
  new SubsequencePcaDetector({ features: names.map((name) => plain(name)), window, variance })

// Not monotone: a feature may move towards what its course says of it before it leaves it behind.
detectorContract(
  'sub-sequence PCA',
  () => make(['a', 'b', 'c']),
  () => make(['a', 'b', 'd']),
  { monotone: false },
)

/** Three rhythms in step. */
function rhythm(count: number, seed: number, from = 0) {
  const rng = seeded(seed)
  return Array.from({ length: count }, (_, i) => {
    const phase = (from + i) / 4
    const steady = [50 + 10 * Math.sin(phase), 5 + Math.cos(phase), 5 + Math.sin(phase + 1)]
    return Float64Array.from(steady, (v, k) => v + [0.5, 0.05, 0.05][k]! * normal(rng))
  })
}

describe('a rhythm', () => {
  const fitted = () => {
    const detector = make(['a', 'b', 'c'], 16)
    detector.fit(history(rhythm(2000, 1)))
    return detector
  }
  const follow = (rows: readonly Float64Array[]) => {
    const detector = fitted()
    const scores = rows.map((row) => {
      const score = detector.score(row)
      detector.observe(row)
      return score
    })
    return { detector, scores }
  }
  const usual = Math.max(...follow(rhythm(1000, 2, 2000)).scores)

  it('that stops is seen though each value is normal', () => {
    const { scores } = follow([
      ...rhythm(40, 3, 2000),
      ...rhythm(20, 4).map((row) => row.fill(50, 0, 1).fill(5, 1)),
    ])
    expect(Math.max(...scores.slice(0, 40))).toBeLessThan(1.2 * usual)
    expect(Math.max(...scores.slice(40))).toBeGreaterThan(2 * usual)
  })

  it('that runs backwards in one feature is seen, and told', () => {
    const rows = rhythm(60, 3, 2000).map((row, i) =>
      i < 40 ? row : Float64Array.of(100 - row[0]!, row[1]!, row[2]!),
    )
    const { detector, scores } = follow(rows.slice(0, 55))
    expect(scores[54]).toBeGreaterThan(2 * usual)
    const { parts } = detector.explain(rows[55]!)
    expect(parts[0]).toBeGreaterThan(0.5)
  })

  it('tells what should come next', () => {
    const rows = rhythm(31, 3, 2000)
    const { detector } = follow(rows.slice(0, 30))
    const next = rows[30]!
    const { expected } = detector.explain(next)
    expect(Math.abs(expected[0]! - next[0]!)).toBeLessThan(2)
    expect(Math.abs(expected[1]! - next[1]!)).toBeLessThan(0.2)
  })
})

it('forgets what was odd after its window', () => {
  const detector = make(['a', 'b', 'c'], 8)
  detector.fit(history(rhythm(1000, 1)))
  const [next, ...after] = rhythm(10, 2, 1000)
  const before = detector.score(next!)
  detector.observe(Float64Array.of(500, 50, 50))
  expect(detector.score(after[0]!)).toBeGreaterThan(10 * before)
  for (const row of after.slice(0, 8)) detector.observe(row)
  expect(detector.score(after[8]!)).toBeLessThan(3 * before + 3)
})

it('is not ready with fewer than 30 windows', () => {
  const detector = make(['a', 'b', 'c'], 16)
  detector.fit(history(rhythm(44, 1)))
  expect(detector.ready).toBe(false)
  detector.fit(history(rhythm(45, 1)))
  expect(detector.ready).toBe(true)
})
