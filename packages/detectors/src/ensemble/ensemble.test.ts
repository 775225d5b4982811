import { expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import { EwmaDetector } from '../ewma/ewma.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { RegressionDetector } from '../regression/regression.ts'
import { RobustDetector } from '../robust/robust.ts'
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

/** Of one member that goes on finding odd what lasts. */
const ofLevels = () =>
  new EnsembleDetector({
    members: [new RobustDetector({ features: ['a', 'b', 'c'].map(plain), halfLife: 5000, minimum: 30 })],
    span: 15,
  })

function fitted(detector = make(['a', 'b', 'c'])) {
  const rows = noise(2000, 1)
  detector.fit(History.of(rows, [...rows.keys()]))
  return detector
}

it('grows with what lasts, and forgets it after its span', () => {
  const detector = fitted(ofLevels())
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

it('is over with what was odd once, however far off it was', () => {
  const course = (off: number) => {
    const detector = fitted(ofLevels())
    const rows = [...noise(30, 2), Float64Array.of(10 + off, 10 - off, 10 + off), ...noise(20, 4)]
    const scores = rows.map((row, i) => {
      const score = detector.score(row, i)
      detector.observe(row, i)
      return score
    })
    return { before: Math.max(...scores.slice(0, 30)), at: scores[30]!, after: Math.max(...scores.slice(31)) }
  }
  const [far, farther] = [course(20), course(2000)]
  expect(farther.at).toBeGreaterThan(50 * far.at)
  expect(farther.after).toBe(far.after)
  expect(farther.after).toBeLessThan(2 * far.before)
})

it('a member that refuses its part leaves all of them as they were', () => {
  const detector = fitted()
  const before = detector.save()
  const other = make(['a', 'b', 'c'], 16)
  expect(() => detector.load(other.save())).toThrow(expect.objectContaining({ code: 'foreign' }))
  expect(detector.save()).toEqual(before)
})
