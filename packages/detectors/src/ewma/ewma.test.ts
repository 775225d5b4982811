import { expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { EwmaDetector } from './ewma.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const make = (features: Feature[]) => new EwmaDetector({ features, span: 10, halfLife: 5000 })

detectorContract(
  'ewma',
  () => make(['a', 'b', 'c'].map((name) => plain(name))),
  () => make(['a', 'b', 'd'].map((name) => plain(name))),
)

/** A level that wanders by 0 to 100 while its noise is 1. */
function wandering(count: number) {
  const rng = seeded(1)
  return Array.from({ length: count }, (_, i) => Float64Array.of(50 + 50 * Math.sin(i / 200) + normal(rng)))
}

it('sees a step that is small beside what the level wanders over', () => {
  const detector = make([plain('a')])
  const rows = wandering(3000)
  detector.fit(History.of(rows, [...rows.keys()]))
  const usual: number[] = []
  for (const row of wandering(1000)) {
    usual.push(detector.score(row))
    detector.observe(row)
  }
  const last = wandering(1000).at(-1)![0]!
  expect(detector.score(Float64Array.of(last + 20))).toBeGreaterThan(2 * Math.max(...usual.slice(50)))
})

it('takes what stays for the level', () => {
  const detector = make([plain('a')])
  const rows = wandering(1000)
  detector.fit(History.of(rows, [...rows.keys()]))
  const step = Float64Array.of(400)
  const first = detector.score(step)
  for (let i = 0; i < 60; i++) detector.observe(step)
  expect(detector.score(step)).toBeLessThan(first / 100)
})

it('ignores a change in the harmless direction', () => {
  const detector = make([plain('a', 'high')])
  const rows = wandering(1000)
  detector.fit(History.of(rows, [...rows.keys()]))
  expect(detector.score(Float64Array.of(-1000))).toBe(0)
  expect(detector.score(Float64Array.of(1000))).toBeGreaterThan(10)
})
