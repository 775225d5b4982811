import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { leafOf } from '../explain/trees.ts'
import { seeded } from '../statistics/sampling.ts'
import { growTree, noTrees, type Sample } from './cart.ts'
import type { Classifier } from './classifier.ts'
import { LinearSvm } from './linear-svm.ts'
import { decision, pegasos } from './pegasos.ts'
import { fitSigmoid } from './platt.ts'
import { RandomForest } from './random-forest.ts'

interface Golden {
  unit: number
  train: number[]
  labels: number[]
  test: number[]
  testLabels: number[]
  tree: { feature: number[]; threshold: number[]; cover: number[]; probabilities: number[] }
  forest: { accuracy: number }
  svm: { lambda: number; plane: number[]; objective: number; accuracy: number }
  platt: { values: number[]; slope: number; shift: number }
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('./golden/scikit-learn.json', import.meta.url), 'utf8'),
)

const WIDTH = 6
const features = Array.from(
  { length: WIDTH },
  (_, i) => ({ name: `f${i}`, direction: 'both', transform: 'linear', floor: 1e-6 }) as const,
)
const rowsOf = (flat: number[]) =>
  Array.from({ length: flat.length / WIDTH }, (_, r) =>
    Float64Array.from(flat.slice(r * WIDTH, (r + 1) * WIDTH), (v) => v / golden.unit),
  )
const train = rowsOf(golden.train)
const test = rowsOf(golden.test)
const labelled = {
  anomalous: train.filter((_, i) => golden.labels[i] === 1),
  normal: train.filter((_, i) => golden.labels[i] === 0),
}
const weightOf = (label: number) =>
  train.length / 2 / (label === 1 ? labelled.anomalous.length : labelled.normal.length)
const sample: Sample = {
  width: WIDTH,
  rows: Float64Array.from(golden.train, (v) => v / golden.unit),
  labels: Uint8Array.from(golden.labels),
  weights: Float64Array.from(golden.labels, weightOf),
}

function accuracy(classifier: Classifier): number {
  classifier.fit(labelled)
  return (
    test.filter((row, i) => classifier.probability(row) > 0.5 === (golden.testLabels[i] === 1)).length /
    test.length
  )
}

describe('beside scikit-learn', () => {
  it('a tree is the same', () => {
    const trees = noTrees()
    const all = Uint32Array.from(train, (_, i) => i)
    const weights = Float64Array.from(golden.labels, (label) => 1 + label)
    growTree({ ...sample, weights }, all, { maxDepth: 4, minLeaf: 5, tried: WIDTH }, seeded(1), trees)
    expect(trees.feature).toEqual(golden.tree.feature)
    expect(trees.threshold).toEqual(golden.tree.threshold)
    expect(trees.cover).toEqual(golden.tree.cover)
    for (const [i, row] of test.entries())
      expect(trees.value[leafOf(trees, 0, row)]).toBeCloseTo(golden.tree.probabilities[i]!, 12)
  })

  it('a forest is right as often, within 2 points', () => {
    const own = [1, 2, 3].map((seed) => accuracy(new RandomForest({ features, seed })))
    for (const each of own)
      expect(Math.abs(each - golden.forest.accuracy), `${own}`).toBeLessThanOrEqual(0.02)
  })

  it('a linear SVM is right as often, within 2 points', () => {
    const svm = new LinearSvm({ features, lambda: golden.svm.lambda, seed: 1 })
    expect(Math.abs(accuracy(svm) - golden.svm.accuracy)).toBeLessThanOrEqual(0.02)
  })

  it('Pegasos comes within 0.2 % of the minimum', () => {
    const { lambda, objective } = golden.svm
    const plane = pegasos(sample, { lambda, epochs: 100 }, seeded(1))
    const norm = plane.weights.reduce((sum, w) => sum + w * w, plane.bias ** 2)
    let losses = 0
    for (const [i, row] of train.entries()) {
      const side = golden.labels[i] === 1 ? 1 : -1
      losses += (sample.weights[i]! * Math.max(0, 1 - side * decision(plane, row))) / train.length
    }
    const own = (lambda / 2) * norm + losses
    expect(own).toBeGreaterThan(objective * (1 - 1e-6))
    expect(own).toBeLessThan(objective * 1.002)
  })

  it("Platt's sigmoid is the same", () => {
    const { values, slope, shift } = golden.platt
    const own = fitSigmoid(Float64Array.from(values), sample.labels, new Float64Array(values.length).fill(1))
    expect(own.slope).toBeCloseTo(slope, 6)
    expect(own.shift).toBeCloseTo(shift, 6)
  })
})
