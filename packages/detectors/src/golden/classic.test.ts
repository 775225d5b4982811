import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Detector } from '../detector.ts'
import type { Feature } from '../feature.ts'
import { HbosDetector } from '../hbos/hbos.ts'
import { History } from '../history.ts'
import { IsolationForestDetector } from '../isolation-forest/isolation-forest.ts'
import { LofDetector } from '../lof/lof.ts'
import { PcaDetector } from '../pca/pca.ts'

interface Golden {
  neighbours: number
  components: number
  bins: number
  train: number[][]
  probes: number[][]
  lof: number[]
  pyodLof: number[]
  pcaExpected: number[][]
  isolationForest: number[]
  hbos: number[]
}
/** Made by classic.py. */
const golden: Golden = JSON.parse(readFileSync(new URL('./classic.json', import.meta.url), 'utf8'))
const probes = golden.probes.map((row) => Float64Array.from(row))
const features = ['a', 'b', 'c', 'd', 'e'].map(
  (name): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-9 }),
)

function scores<T extends Detector>(detector: T) {
  const rows = golden.train.map((row) => Float64Array.from(row))
  detector.fit(History.of(rows, [...rows.keys()]))
  return probes.map((probe) => detector.score(probe, 0))
}

const ranks = (values: readonly number[]) => {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!)
  const rank = new Float64Array(values.length)
  for (const [place, i] of order.entries()) rank[i] = place
  return rank
}

/** Spearman's. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)]
  const middle = (a.length - 1) / 2
  const dot = (p: Float64Array, q: Float64Array) =>
    p.reduce((sum, v, i) => sum + (v - middle) * (q[i]! - middle), 0)
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
}

const columns = features.map((_, k) => golden.train.map((row) => row[k]!))
const inHistory = (value: number, k: number) =>
  value >= Math.min(...columns[k]!) && value <= Math.max(...columns[k]!)

describe('LOF with all vectors as references', () => {
  const own = scores(
    new LofDetector({ features, seed: 1, references: golden.train.length, neighbours: golden.neighbours }),
  )

  it('is that of scikit-learn and of PyOD', () => {
    for (const [i, score] of own.entries()) {
      expect(Math.abs(score / golden.lof[i]! - 1)).toBeLessThan(1e-9)
      expect(Math.abs(score / golden.pyodLof[i]! - 1)).toBeLessThan(1e-9)
    }
  })

  it('ranks much the same with fewer of them', () => {
    const fewer = scores(new LofDetector({ features, seed: 1, references: 150, neighbours: 10 }))
    expect(correlation(fewer, golden.lof)).toBeGreaterThan(0.9)
  })
})

it('PCA expects what that of scikit-learn does', () => {
  const detector = new PcaDetector({ features, variance: 1, components: golden.components })
  scores(detector)
  for (const [i, probe] of probes.entries()) {
    const { expected } = detector.explain(probe)
    for (const [k, value] of expected.entries())
      expect(Math.abs(value / golden.pcaExpected[i]![k]! - 1)).toBeLessThan(1e-9)
  }
})

it('isolation forest ranks as that of scikit-learn does', () => {
  const own = scores(new IsolationForestDetector({ features, seed: 1 }))
  expect(correlation(own, golden.isolationForest)).toBeGreaterThan(0.95)
  // Of as many trees the scores themselves are alike.
  const many = scores(new IsolationForestDetector({ features, seed: 1, trees: 1000 }))
  for (const [i, score] of many.entries())
    expect(Math.abs(score - golden.isolationForest[i]!)).toBeLessThan(0.02)
})

it('HBOS ranks what lies within its bins as that of PyOD does', () => {
  const own = scores(
    new HbosDetector({ features, bins: golden.bins, edges: 'static', halfLife: Number.POSITIVE_INFINITY }),
  )
  const within = probes.flatMap((probe, i) => (probe.every(inHistory) ? [i] : []))
  expect(within.length).toBeGreaterThan(60)
  const [ours, theirs] = [own, golden.hbos].map((all) => within.map((i) => all[i]!))
  expect(correlation(ours!, theirs!)).toBeGreaterThan(0.98)
})
