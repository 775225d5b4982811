import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normal, type Rng, seeded } from '../statistics/sampling.ts'
import { shapleyByDefinition } from './shapley.oracle.ts'
import { treeShap } from './tree-shap.ts'
import { meanValue, type Trees } from './trees.ts'

interface Golden {
  trees: Record<keyof Trees, number[]>
  probes: number[][]
  base: number
  values: number[][]
  probabilities: number[]
}
const golden: Golden = JSON.parse(readFileSync(new URL('./golden/tree-shap.json', import.meta.url), 'utf8'))

/** Trees with random splits, the same feature often twice on the way, and leaves that no training vector came to. */
function randomTrees(rng: Rng, count: number, width: number, depth: number): Record<keyof Trees, number[]> {
  const trees = {
    roots: [],
    feature: [],
    threshold: [],
    left: [],
    right: [],
    value: [],
    cover: [],
  } as Record<keyof Trees, number[]>
  const grow = (left: number, cover: number): number => {
    const node = trees.feature.length
    const leaf = left === 0 || rng() < 0.1
    trees.feature.push(leaf ? -1 : Math.floor(rng() * width))
    trees.threshold.push(leaf ? 0 : normal(rng))
    trees.value.push(leaf ? normal(rng) : 0)
    trees.cover.push(cover)
    trees.left.push(0)
    trees.right.push(0)
    if (leaf) return node
    const share = rng() < 0.1 ? 0 : Math.floor(rng() * cover)
    trees.left[node] = grow(left - 1, share)
    trees.right[node] = grow(left - 1, cover - share)
    return node
  }
  for (let t = 0; t < count; t++) trees.roots.push(grow(depth, 100))
  return trees
}

/** Output where only some features are known: both ways of the other splits, by cover. */
function worth(trees: Trees, vector: Float64Array, known: number): number {
  const at = (node: number): number => {
    const feature = trees.feature[node]!
    if (feature < 0) return trees.value[node]!
    const [left, right] = [trees.left[node]!, trees.right[node]!]
    if ((known >> feature) & 1) return at(vector[feature]! <= trees.threshold[node]! ? left : right)
    const whole = trees.cover[node]!
    return whole > 0 ? (trees.cover[left]! * at(left) + trees.cover[right]! * at(right)) / whole : 0
  }
  return Array.from(trees.roots).reduce((sum, root) => sum + at(root), 0) / trees.roots.length
}

describe('treeShap', () => {
  it('equals the shap package on a forest of scikit-learn', () => {
    for (const [p, probe] of golden.probes.entries()) {
      const { base, values } = treeShap(golden.trees, Float64Array.from(probe), probe.length)
      expect(base).toBeCloseTo(golden.base, 9)
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(golden.values[p]![i]!, 9)
      expect(meanValue(golden.trees, Float64Array.from(probe))).toBeCloseTo(golden.probabilities[p]!, 12)
    }
  })

  it.each([1, 2, 3, 5, 8])('equals Shapley values by their definition: %i features', (width) => {
    const rng = seeded(width)
    for (let repeat = 0; repeat < 10; repeat++) {
      const trees = randomTrees(rng, 3, width, 7)
      const vector = Float64Array.from({ length: width }, () => normal(rng))
      const { base, values } = treeShap(trees, vector, width)
      const wanted = shapleyByDefinition((known) => worth(trees, vector, known), width)
      expect(base).toBeCloseTo(worth(trees, vector, 0), 9)
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wanted[i]!, 9)
    }
  })

  it('adds up to the output', () => {
    const rng = seeded(1)
    const trees = randomTrees(rng, 20, 17, 9)
    for (let repeat = 0; repeat < 30; repeat++) {
      const vector = Float64Array.from({ length: 17 }, () => normal(rng))
      const { base, values } = treeShap(trees, vector, 17)
      expect(values.reduce((a, b) => a + b, base)).toBeCloseTo(meanValue(trees, vector), 9)
    }
  })

  it('says nothing of single leaves', () => {
    const leaf = {
      roots: [0],
      feature: [-1],
      threshold: [0],
      left: [0],
      right: [0],
      value: [0.3],
      cover: [5],
    }
    const { base, values } = treeShap(leaf, Float64Array.of(1, 2), 2)
    expect(base).toBe(0.3)
    expect([...values]).toEqual([0, 0])
  })
})
