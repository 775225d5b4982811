import { expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import { EwmaDetector } from '../ewma/ewma.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { RegressionDetector } from '../regression/regression.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { EnsembleDetector } from './ensemble.ts'

const plain = (name: string): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 })

function make(names: string[], span = 15) {
  const features = names.map(plain)
  const ridge = 0.1
  const halfLife = 5000
  const members = [
    new EwmaDetector({ features, span: 10, halfLife }),
    new RegressionDetector({ features, of: 'value', span: 10, ridge, halfLife }),
    new RegressionDetector({ features, of: 'change', span: 10, ridge, halfLife }),
  ]
  return new EnsembleDetector({ members, span })
}

detectorContract(
  'ensemble',
  () => make(['a', 'b', 'c']),
  () => make(['a', 'b', 'd']),
)

it('observes what it is given, whatever was judged before it', () => {
  const [judged, other, next] = noise(3, 8) as [Float64Array, Float64Array, Float64Array]
  const scored = (before: Float64Array | undefined) => {
    const detector = fitted()
    if (before !== undefined) detector.score(before, 1e6)
    detector.observe(other.slice(), 1e6)
    return detector.score(next, 1e6)
  }
  expect(scored(judged.map((value) => 5 * value))).toBe(scored(undefined))
  expect(scored(other)).toBe(scored(undefined))
})

const noise = (count: number, seed: number) => {
  const rng = seeded(seed)
  return Array.from({ length: count }, () => Float64Array.from({ length: 3 }, () => 10 + normal(rng)))
}

function fitted() {
  const rows = noise(2000, 1)
  const detector = make(['a', 'b', 'c'])
  detector.fit(History.of(rows, [...rows.keys()]))
  return detector
}

it('grows with what lasts, and forgets it after its span', () => {
  const detector = fitted()
  const scores = [...noise(30, 2), ...noise(10, 3).map((row) => row.map((v) => v + 4)), ...noise(40, 4)].map(
    (row, i) => {
      const score = detector.score(row, i)
      detector.observe(row, i)
      return score
    },
  )
  const usual = Math.max(...scores.slice(0, 30))
  expect(scores[30]).toBeGreaterThan(usual)
  expect(scores[33]).toBeGreaterThan(scores[30]!)
  expect(Math.max(...scores.slice(65))).toBeLessThan(1.3 * usual)
})

it('a member that refuses its part leaves all of them as they were', () => {
  const detector = fitted()
  const before = detector.save()
  const other = make(['a', 'b', 'c'], 16)
  expect(() => detector.load(other.save())).toThrow(expect.objectContaining({ code: 'foreign' }))
  expect(detector.save()).toEqual(before)
})
