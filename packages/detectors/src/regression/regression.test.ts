import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { RegressionDetector } from './regression.ts'

const plain = (name: string): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 })
const make = (names: string[], of: 'value' | 'change') =>
  new RegressionDetector({ features: names.map(plain), of, span: 10, ridge: 0.1, halfLife: 5000 })

for (const of of ['value', 'change'] as const)
  detectorContract(
    `regression of ${of}`,
    () => make(['a', 'b', 'c'], of),
    () => make(['a', 'b', 'd'], of),
  )

/** b follows a, c is by itself. */
function pairs(count: number, seed: number) {
  const rng = seeded(seed)
  return Array.from({ length: count }, () => {
    const a = normal(rng)
    return Float64Array.of(a, a + 0.1 * normal(rng), normal(rng))
  })
}

describe('features that belong together', () => {
  const detector = make(['a', 'b', 'c'], 'value')
  const rows = pairs(2000, 1)
  detector.fit(History.of(rows, [...rows.keys()]))
  const usual = Math.max(...pairs(1000, 2).map((row) => detector.score(row)))

  it('sees values that are normal, but not together', () => {
    expect(detector.score(Float64Array.of(2, -2, 0))).toBeGreaterThan(usual)
    expect(detector.score(Float64Array.of(2, 2, 0))).toBeLessThan(usual)
  })

  it('tells the feature that is off from the one that others follow', () => {
    const { parts, expected } = detector.explain(Float64Array.of(1, 1, 6))
    expect(parts[2]).toBeCloseTo(1, 6)
    expect(expected[2]).toBeCloseTo(0, 0)
  })
})

it('follows a dependence that changes', () => {
  const detector = make(['a', 'b', 'c'], 'value')
  const rows = pairs(500, 1)
  detector.fit(History.of(rows, [...rows.keys()]))
  const turned = Float64Array.of(1.5, -1.5, 0)
  const before = detector.score(turned)
  for (const row of pairs(20_000, 3)) detector.learn(Float64Array.of(row[0]!, -row[1]!, row[2]!))
  expect(detector.score(turned)).toBeLessThan(before / 5)
})
