import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { HbosDetector } from './hbos.ts'
import { dynamicEdges, SPARE, staticEdges } from './histogram.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

const make = (features: Feature[], edges: 'dynamic' | 'static' = 'dynamic', halfLife = 5000) =>
  new HbosDetector({ features, bins: 20, edges, halfLife })

// Not monotone: the heights of a histogram go up and down by chance.
for (const edges of ['dynamic', 'static'] as const)
  detectorContract(
    `hbos, ${edges} bins`,
    () =>
      make(
        ['a', 'b', 'c'].map((name) => plain(name)),
        edges,
      ),
    () =>
      make(
        ['a', 'b', 'd'].map((name) => plain(name)),
        edges,
      ),
    { monotone: false },
  )

/** A service that is either idle or busy, and a flag that is hardly ever set. */
const states = (count: number, seed: number) => {
  const rng = seeded(seed)
  return Array.from({ length: count }, () =>
    Float64Array.of((rng() < 0.5 ? 10 : 90) + normal(rng), rng() < 0.01 ? 1 : 0),
  )
}

describe.each(['dynamic', 'static'] as const)('%s bins', (edges) => {
  const detector = make([plain('a'), plain('b')], edges)
  detector.fit(history(states(5000, 1)))

  it('see a value between two normal levels', () => {
    const between = detector.score(Float64Array.of(50, 0))
    for (const a of [9, 11, 89, 91])
      expect(between).toBeGreaterThan(2 + detector.score(Float64Array.of(a, 0)))
  })

  it('see a rare value of a feature that mostly rests, and more so one never seen', () => {
    const rare = detector.score(Float64Array.of(10, 1))
    expect(rare).toBeGreaterThan(3 + detector.score(Float64Array.of(10, 0)))
    expect(detector.score(Float64Array.of(10, 2))).toBeGreaterThan(rare)
  })

  it('add up: the explanation is exact', () => {
    const one = detector.score(Float64Array.of(50, Number.NaN))
    const other = detector.score(Float64Array.of(Number.NaN, 1))
    const vector = Float64Array.of(50, 1)
    expect(detector.score(vector)).toBeCloseTo(one + other, 12)
    expect(detector.explain(vector).parts[0]).toBeCloseTo(one / (one + other), 12)
  })
})

it('takes the harmless side for normal', () => {
  const detector = make([plain('a', 'high')])
  const rng = seeded(1)
  detector.fit(history(Array.from({ length: 1000 }, () => Float64Array.of(normal(rng)))))
  expect(detector.score(Float64Array.of(-50))).toBe(0)
  expect(detector.score(Float64Array.of(50))).toBeGreaterThan(5)
})

it('follows what it learns, within the bins that it has', () => {
  const detector = make([plain('a'), plain('b')], 'dynamic', 200)
  detector.fit(history(states(2000, 1)))
  const idle = Float64Array.of(10, 0)
  const before = detector.score(idle)
  for (const row of states(4000, 2)) if (row[0]! > 50) detector.learn(row)
  expect(detector.score(idle)).toBeGreaterThan(before + 3)
})

it('tells one value in a hundred from one in twenty', () => {
  const rng = seeded(4)
  const draw = () => Math.exp(0.5 * normal(rng))
  const detector = make([plain('a')])
  detector.fit(history(Array.from({ length: 2000 }, () => Float64Array.of(draw()))))
  const scores = Array.from({ length: 5000 }, () => detector.score(Float64Array.of(draw()))).sort(
    (a, b) => b - a,
  )
  expect(scores[50]).toBeGreaterThan(scores[150]! + 0.3)
})

describe('edges', () => {
  const rng = seeded(3)
  const samples: [string, Float64Array][] = [
    ['normal', Float64Array.from({ length: 1000 }, () => normal(rng))],
    ['constant', new Float64Array(100).fill(3)],
    ['one value', Float64Array.of(3)],
    ['mostly constant', Float64Array.from({ length: 1000 }, (_, i) => (i < 990 ? 0 : i))],
    ['few values', Float64Array.from({ length: 1000 }, (_, i) => i % 4)],
    ['close together', Float64Array.from({ length: 1000 }, () => 1e-6 * rng())],
  ]
  it.each(samples)('enclose all values in no more bins than there is room for: %s', (_, values) => {
    const sorted = values.slice().sort()
    for (const [edges, room] of [
      [dynamicEdges(sorted, 20), 20 + SPARE],
      [staticEdges(sorted, 20), 20],
    ] as const) {
      expect(edges.length).toBeGreaterThanOrEqual(2)
      expect(edges.length).toBeLessThanOrEqual(room + 1)
      for (let i = 1; i < edges.length; i++) expect(edges[i]).toBeGreaterThan(edges[i - 1]!)
      expect(edges[0]).toBeLessThanOrEqual(sorted[0]!)
      expect(edges.at(-1)).toBeGreaterThanOrEqual(sorted.at(-1)!)
    }
  })

  it('are dense where values are, when dynamic', () => {
    const sorted = samples[0]![1].slice().sort()
    const edges = dynamicEdges(sorted, 20)
    const widths = edges.slice(1).map((edge, i) => edge - edges[i]!)
    expect(widths[widths.length >> 1]).toBeLessThan(widths[0]! / 3)
    const counts = widths.map((_, i) => sorted.filter((v) => v > edges[i]! && v <= edges[i + 1]!).length)
    const inner = counts.slice(4, -4)
    expect(Math.max(...inner) - Math.min(...inner)).toBeLessThanOrEqual(2)
    expect(Math.max(counts[0]!, counts.at(-1)!)).toBeLessThanOrEqual(8)
  })

  it.each([1, 2, 3, 7, 20, 100, 5000])('are made for any number of bins of %i values', (count) => {
    const draw = seeded(count)
    const sorted = Float64Array.from({ length: count }, () => normal(draw)).sort()
    for (const bins of [1, 2, 3, 20, 50]) {
      const edges = dynamicEdges(sorted, bins)
      expect(edges.length).toBeLessThanOrEqual(bins + SPARE + 1)
      expect(edges[0]).toBeLessThanOrEqual(sorted[0]!)
      expect(edges.at(-1)).toBeGreaterThanOrEqual(sorted.at(-1)!)
    }
  })
})
