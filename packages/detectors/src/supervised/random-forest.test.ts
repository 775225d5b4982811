import { expect, it } from 'vitest'
import { decodeModel, encodeModel } from '../codec/model.ts'
import type { Feature } from '../feature.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { classifierContract } from './classifier.contract.ts'
import { RandomForest } from './random-forest.ts'

const features = (...names: string[]): Feature[] =>
  names.map((name) => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 }))
const make = (names = ['a', 'b', 'c', 'd']) =>
  new RandomForest({ features: features(...names), trees: 40, seed: 1 })

classifierContract(
  'random forest',
  () => make(),
  () => make(['a', 'b', 'c', 'e']),
)

const rng = seeded(5)
const pairs = (count: number) =>
  Array.from({ length: count }, () => Float64Array.of(normal(rng), normal(rng)))
const unlike = (x: Float64Array) => x[0]! * x[1]! < 0

it('sees what only a combination tells', () => {
  const forest = make(['a', 'b'])
  const vectors = pairs(800)
  forest.fit({ anomalous: vectors.filter(unlike), normal: vectors.filter((x) => !unlike(x)) })
  const fresh = pairs(500)
  const right = fresh.filter((x) => forest.probability(x) > 0.5 === unlike(x)).length
  expect(right / fresh.length).toBeGreaterThan(0.9)
})

it('gives a rare verdict its say', () => {
  const vectors = pairs(2000)
  const rare = (x: Float64Array) => x[0]! > 2
  const labelled = { anomalous: vectors.filter(rare), normal: vectors.filter((x) => !rare(x)) }
  const near = pairs(20_000).filter((x) => x[0]! > 1.95 && x[0]! < 2.05)
  const mean = (classWeights: 'balanced' | { anomalous: number; normal: number }) => {
    const forest = new RandomForest({ features: features('a', 'b'), trees: 40, classWeights, seed: 2 })
    forest.fit(labelled)
    return near.reduce((sum, x) => sum + forest.probability(x) / near.length, 0)
  }
  expect(mean('balanced')).toBeGreaterThan(mean({ anomalous: 0.1, normal: 1 }))
})

it('refuses trees that go round in circles', () => {
  const forest = make()
  const vectors = drawnVectors()
  forest.fit(vectors)
  const { kind, version, layers } = decodeModel(forest.save())
  const left = layers.get('left')!.data
  if (!(left instanceof Uint32Array)) throw new Error('left is no u32')
  const bent = new Map(layers).set('left', { data: left.map(() => 0) })
  expect(() => make().load(encodeModel({ kind, version, layers: bent }))).toThrow(
    expect.objectContaining({ code: 'foreign' }),
  )
})

function drawnVectors() {
  const wide = () => Array.from({ length: 30 }, () => Float64Array.from({ length: 4 }, () => normal(rng)))
  return { anomalous: wide(), normal: wide() }
}
