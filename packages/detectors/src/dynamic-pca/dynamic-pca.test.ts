import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { DynamicPcaDetector, type DynamicPcaOptions } from './dynamic-pca.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const OPTIONS = { of: 'value', span: 10, window: 5, variance: 0.9, components: 8, halfLife: 5000 } as const
const make = (names: string[], options: Partial<DynamicPcaOptions> = {}) =>
  new DynamicPcaDetector({ features: names.map((name) => plain(name)), ...OPTIONS, ...options })
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

// Not monotone: a feature may move towards what its course says of it before it leaves it behind.
for (const of of ['value', 'change'] as const)
  detectorContract(
    `dynamic PCA of ${of}s`,
    () => make(['a', 'b', 'c'], { of }),
    () => make(['a', 'b', 'd'], { of }),
    { monotone: false },
  )

/** Three rhythms in step, on a level. */
function rhythm(count: number, seed: number, from = 0, level = 50) {
  const rng = seeded(seed)
  return Array.from({ length: count }, (_, i) => {
    const phase = (from + i) / 4
    const steady = [level + 10 * Math.sin(phase), 5 + Math.cos(phase), 5 + Math.sin(phase + 1)]
    return Float64Array.from(steady, (v, k) => v + [0.5, 0.05, 0.05][k]! * normal(rng))
  })
}

const FIT = 2000

function fitted(options: Partial<DynamicPcaOptions> = {}) {
  const detector = make(['a', 'b', 'c'], options)
  detector.fit(history(rhythm(FIT, 1)))
  return detector
}

/** Score of each row, each put into the context after it was scored. */
function follow(detector: DynamicPcaDetector, rows: readonly Float64Array[], learn = false) {
  return rows.map((row) => {
    const score = detector.score(row)
    detector.observe(row)
    if (learn) detector.learn(row)
    return score
  })
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

describe('of values', () => {
  it('sees a value that is normal, at the wrong time, and says which and what was expected', () => {
    const detector = fitted()
    const rows = rhythm(205, 2, FIT)
    const scores = follow(detector, rows.slice(0, -1))
    const next = rows.at(-1)!
    // At its lowest just now.
    const odd = next.with(0, 100 - next[0]!)
    expect(detector.score(next)).toBeLessThan(Math.max(...scores))
    expect(detector.score(odd)).toBeGreaterThan(2 * Math.max(...scores))
    const { parts, expected, low, high } = detector.explain(odd)
    expect(parts.indexOf(Math.max(...parts))).toBe(0)
    expect(Math.abs(expected[0]! - next[0]!)).toBeLessThan(Math.abs(expected[0]! - odd[0]!))
    expect(low[0]).toBeLessThan(expected[0]!)
    expect(high[0]).toBeGreaterThan(expected[0]!)
  })

  it('learns another way for features to go together', () => {
    const turned = (rows: Float64Array[]) => rows.map((row) => row.with(1, 10 - row[1]!))
    const untaught = mean(follow(fitted({ halfLife: 500 }), turned(rhythm(200, 5, FIT))))
    const detector = fitted({ halfLife: 500 })
    follow(detector, turned(rhythm(3000, 4, FIT)), true)
    expect(mean(follow(detector, turned(rhythm(200, 5, FIT + 3000))))).toBeLessThan(untaught / 2)
  })

  it('does not take a deviation in the harmless direction for one', () => {
    const features = [plain('a'), plain('b', 'high'), plain('c')]
    const detector = new DynamicPcaDetector({ features, ...OPTIONS, components: 1 })
    detector.fit(history(rhythm(FIT, 1)))
    const next = rhythm(1, 3, FIT)[0]!
    expect(detector.score(next.with(1, next[1]! + 20))).toBeGreaterThan(2 * detector.score(next))
    const { parts } = detector.explain(next.with(1, next[1]! - 20))
    expect(parts[1]).toBe(0)
  })
})

describe('of changes', () => {
  it('is quiet again on another level, where values are not', () => {
    const rows = rhythm(300, 6, FIT, 80)
    const late = (of: 'value' | 'change') => {
      const detector = fitted({ of })
      const usual = mean(follow(detector, rhythm(100, 7, FIT - 100)))
      return mean(follow(detector, rows).slice(100)) / usual
    }
    expect(late('change')).toBeLessThan(1.5)
    expect(late('value')).toBeGreaterThan(3)
  })
})

it('keeps 4·window·features·(components + 3) bytes and a little more', () => {
  const names = Array.from({ length: 17 }, (_, i) => `f${i}`)
  const rng = seeded(8)
  const rows = Array.from({ length: 1000 }, () => Float64Array.from(names, () => normal(rng)))
  const detector = make(names)
  detector.fit(history(rows))
  expect(detector.save().length).toBeLessThan(4 * 5 * 17 * (8 + 3) + 4000)
})
