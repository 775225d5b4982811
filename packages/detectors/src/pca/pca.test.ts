import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { PcaDetector } from './pca.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

const make = (names: string[], variance = 0.9, direction: Feature['direction'] = 'both') =>
  new PcaDetector({ features: names.map((name) => plain(name, direction)), variance })

// Not monotone: a feature may move towards what the others say of it before it leaves it behind.
detectorContract(
  'pca',
  () => make(['a', 'b', 'c']),
  () => make(['a', 'b', 'd']),
  { monotone: false },
)

/** All follow one load. */
function load(count: number, seed: number) {
  const rng = seeded(seed)
  return Array.from({ length: count }, () => {
    const z = normal(rng)
    return Float64Array.of(z, 2 * z, -z, z).map((v) => v + 0.1 * normal(rng))
  })
}

describe('features that move together', () => {
  const detector = make(['a', 'b', 'c', 'd'])
  detector.fit(history(load(2000, 1)))
  const usual = Math.max(...load(1000, 2).map((row) => detector.score(row)))

  it('are normal along the component, and not off it', () => {
    expect(detector.score(Float64Array.of(3, 6, -3, 3))).toBeLessThan(usual)
    expect(detector.score(Float64Array.of(1, 2, 1, 1))).toBeGreaterThan(2 * usual)
  })

  it('tell which one left the others, and where it should be', () => {
    const { parts, expected } = detector.explain(Float64Array.of(1, 2, -1, 6))
    expect(parts.indexOf(Math.max(...parts))).toBe(3)
    expect(Math.abs(expected[3]! - 6)).toBeGreaterThan(2)
  })
})

it('names the feature that left the others, not those that share its components', () => {
  const detector = make(['a', 'b', 'c', 'd'])
  detector.fit(history(load(2000, 1)))
  const rows = load(200, 2)
  const named = rows.flatMap((row) =>
    Array.from(row.keys()).map((feature) => {
      const { parts } = detector.explain(row.with(feature, row[feature]! + 8))
      return parts.indexOf(Math.max(...parts)) === feature
    }),
  )
  expect(named.filter(Boolean).length / named.length).toBeGreaterThan(0.9)
})

it('ignores residuals in the harmless direction', () => {
  const detector = make(['a', 'b', 'c', 'd'], 0.9, 'high')
  detector.fit(history(load(2000, 1)))
  const { parts } = detector.explain(Float64Array.of(0, 0, -9, 0))
  expect(parts[2]).toBe(0)
})
