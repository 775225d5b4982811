import { expect, it } from 'vitest'
import { anomalyType, type Course, familyOf, follow, type Sight } from './anomaly-type.ts'

const THRESHOLD = 0.5
const sight = (families: string): Sight => ({
  marginal: families.includes('m') ? 0.9 : 0.1,
  contextual: families.includes('c') ? THRESHOLD : 0,
  collective: families.includes('s') ? 0.6 : 0.49,
})
const course = (...vectors: string[]): Course => {
  const found = vectors.reduce<Course | undefined>(
    (before, families) => follow(before, sight(families), THRESHOLD),
    undefined,
  )
  if (found === undefined) throw new Error('nothing was seen')
  return found
}
const times = (count: number, families: string) => Array.from({ length: count }, () => families)

it('begins a course with the first that is seen', () => {
  expect(follow(undefined, sight(''), THRESHOLD)).toBeUndefined()
  expect(course('', '', 's', 'cs')).toEqual({
    first: 'collective',
    marginal: 0,
    contextual: 1,
    collective: 2,
  })
})

it.each([
  ['a value far outside', course('mc'), 'point'],
  ['a value far outside, and its stretch', course('mcs', ...times(11, 's')), 'point'],
  ['values far outside for long', course(...times(20, 'mc')), 'point'],
  ['a value among others that are not like it', course('c'), 'point'],
  ['common values at the wrong time', course(...times(8, 'c')), 'contextual'],
  [
    'common values at the wrong time, one of them rather high',
    course('c', 'mc', ...times(6, 'c')),
    'contextual',
  ],
  ['a stretch', course(...times(5, 's')), 'collective'],
  ['a stretch with an odd vector in it', course('s', 's', 'cs', ...times(5, 's')), 'collective'],
  ['context that the stretch foretold', course('s', ...times(8, 'cs')), 'contextual'],
] as const)('%s', (_, seen, type) => {
  expect(anomalyType(seen)).toBe(type)
})

it('knows the detectors', () => {
  expect(
    ['robust', 'percentile', 'seasonal', 'regression', 'subsequence-pca', 'stretch'].map(familyOf),
  ).toEqual(['marginal', 'marginal', 'contextual', 'contextual', 'collective', 'collective'])
})
