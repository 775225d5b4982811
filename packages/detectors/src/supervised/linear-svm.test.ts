import { expect, it } from 'vitest'
import type { Feature } from '../feature.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { classifierContract } from './classifier.contract.ts'
import { LinearSvm } from './linear-svm.ts'

const features = (...names: string[]): Feature[] =>
  names.map((name) => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 }))
const make = (names = ['a', 'b', 'c', 'd']) => new LinearSvm({ features: features(...names), seed: 1 })

classifierContract(
  'linear SVM',
  () => make(),
  () => make(['a', 'b', 'c', 'e']),
)

it('does not care for units, and goes on beyond what it has seen', () => {
  const rng = seeded(3)
  const draw = (shift: number) =>
    Array.from({ length: 60 }, () => Float64Array.of(1e6 * (normal(rng) + shift), 1e-6 * normal(rng)))
  const svm = make(['a', 'b'])
  svm.fit({ anomalous: draw(2), normal: draw(-2) })
  const at = (a: number) => svm.probability(Float64Array.of(a, 0))
  expect(at(-4e6)).toBeLessThan(0.01)
  expect(at(4e6)).toBeGreaterThan(0.99)
  expect(at(8e6)).toBeGreaterThan(at(4e6))
})

it('is not sure of what cannot be told', () => {
  const rng = seeded(4)
  const draw = () => Array.from({ length: 100 }, () => Float64Array.of(normal(rng), normal(rng)))
  const svm = make(['a', 'b'])
  svm.fit({ anomalous: draw(), normal: draw() })
  for (const vector of draw()) {
    expect(svm.probability(vector)).toBeGreaterThan(0.25)
    expect(svm.probability(vector)).toBeLessThan(0.75)
  }
})
