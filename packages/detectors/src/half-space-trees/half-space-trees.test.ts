import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import { treeShap } from '../explain/tree-shap.ts'
import { meanValue } from '../explain/trees.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { HalfSpaceTreesDetector } from './half-space-trees.ts'
import { halfSpaces } from './half-spaces.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

const make = (names: string[], trees = 25) =>
  new HalfSpaceTreesDetector({ features: names.map((name) => plain(name)), seed: 1, trees })

// Not monotone: the cuts are random, and beyond all counted vectors all are alike.
detectorContract(
  'half-space trees',
  () => make(['a', 'b', 'c'], 12),
  () => make(['a', 'b', 'd'], 12),
  { monotone: false },
)

function around(level: number, count: number, seed: number) {
  const rng = seeded(seed)
  return Array.from({ length: count }, () => Float64Array.of(level + normal(rng), normal(rng)))
}

const median = (scores: number[]) => scores.sort((a, b) => a - b)[scores.length >> 1]!

describe('a drift', () => {
  const detector = make(['a', 'b'])
  detector.fit(history(around(0, 1000, 1)))
  const scoreOf = (level: number) => median(around(level, 100, 2).map((row) => detector.score(row)))
  const [here, there] = [scoreOf(0), scoreOf(8)]

  it('is unusual at first', () => {
    expect(there).toBeGreaterThan(here + 3)
  })

  it('is followed within two windows, and what was before becomes unusual', () => {
    for (const row of around(8, 500, 3)) detector.learn(row)
    expect(scoreOf(8)).toBeLessThan(here + 2)
    expect(scoreOf(0)).toBeGreaterThan(scoreOf(8) + 3)
  })
})

it('is ready with the first whole window', () => {
  const detector = make(['a', 'b'])
  detector.fit(history(around(0, 249, 1)))
  expect(detector.ready).toBe(false)
  detector.learn(Float64Array.of(0, 0))
  expect(detector.ready).toBe(true)
})

it('shows its trees as they score', () => {
  const detector = make(['a', 'b'])
  const rows = around(0, 1000, 1)
  detector.fit(history(rows))
  const { trees } = detector
  const columns = [0, 1].map((i) => Float64Array.from(rows, (row) => row[i]!).sort())
  const centers = columns.map((column) => column[500]!)
  const scales = columns.map((column, i) =>
    Math.sqrt(column.reduce((sum, v) => sum + (v - centers[i]!) ** 2, 0) / 1000),
  )
  for (const row of around(0, 50, 4)) {
    const placed = row.map((v, i) => ((v - centers[i]!) / scales[i]! + 3) / 6)
    const mass = (250 * 2 ** 8 + 1) / 2 ** detector.score(row) - 1
    expect(meanValue(trees, placed) / mass).toBeCloseTo(1, 9)
    const { base, values } = treeShap(trees, placed, 2)
    expect(base + values[0]! + values[1]!).toBeCloseTo(mass, 6)
  }
})

it('halves the space at every split', () => {
  const { nodes, feature, threshold } = halfSpaces(3, 5, 2, seeded(1))
  expect(nodes).toBe(63)
  expect(feature.filter((f) => f < 0).length).toBe(3 * 32)
  for (let t = 0; t < 3; t++)
    for (let node = 0; node < 15; node++)
      for (const child of [2 * node + 1, 2 * node + 2]) {
        const [above, below] = [t * nodes + node, t * nodes + child]
        if (feature[above] !== feature[below]) continue
        const left = child % 2 === 1
        expect(threshold[below]! < threshold[above]!).toBe(left)
      }
})
