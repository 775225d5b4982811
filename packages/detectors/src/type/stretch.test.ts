import { expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { StretchDetector } from './stretch.ts'

const feature = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const make = (features: Feature[]) => new StretchDetector({ features, span: 12, halfLife: 5000 })

detectorContract(
  'stretch',
  () => make(['a', 'b', 'c'].map((name) => feature(name))),
  () => make(['a', 'b', 'd'].map((name) => feature(name))),
  // A value nearer to the one before makes the stretch stiller.
  { monotone: false },
)

/** Scores as a stream gives them, after 2000 vectors of plain noise. */
function scores(shape: (i: number, value: number) => number, direction: Feature['direction'] = 'both') {
  const rng = seeded(3)
  const detector = make([feature('a', direction)])
  const rows = Array.from({ length: 2000 }, () => Float64Array.of(100 + 5 * normal(rng)))
  detector.fit(History.of(rows, [...rows.keys()]))
  return Array.from({ length: 300 }, (_, i) => {
    const vector = Float64Array.of(shape(i, 100 + 5 * normal(rng)))
    const score = detector.score(vector)
    detector.observe(vector)
    return score
  })
}

const usual = Math.max(...scores((_, value) => value))

it.each(['both', 'high', 'low'] as const)('sees values that stand still (%s)', (direction) => {
  const seen = scores((i, value) => (i >= 200 && i < 224 ? 101 + 0.002 * value : value), direction)
  expect(Math.max(...seen.slice(200, 224))).toBeGreaterThan(1.5 * usual)
  expect(Math.max(...seen.slice(240))).toBeLessThanOrEqual(1.2 * usual)
})

it('sees values that swing between common heights', () => {
  const seen = scores((i, value) => (i >= 200 && i < 224 ? (i % 2 === 0 ? 108 : 92) : value))
  expect(Math.max(...seen.slice(200, 224))).toBeGreaterThan(usual)
})

it('says nothing of values that are missing', () => {
  expect(Math.max(...scores((i, value) => (i >= 200 ? Number.NaN : value)).slice(220))).toBe(0)
})
