import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { InnovationDetector } from './innovation.ts'

const feature = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const make = (features = ['a', 'b', 'c'].map((name) => feature(name))) =>
  new InnovationDetector({ features, span: 10, halfLife: 5000 })

detectorContract(
  'innovation',
  () => make(),
  () => make(['a', 'b', 'd'].map((name) => feature(name))),
)

const MINUTE_MS = 60_000

/** Two features that remember 0.6 of their deviation from a slow wave, one that remembers nothing. */
function stream(seed: number) {
  const rng = seeded(seed)
  let [a, b] = [0, 0]
  let row = 0
  return () => {
    a = 0.6 * a + 0.8 * normal(rng)
    b = 0.6 * b + 0.8 * normal(rng)
    const wave = 20 * Math.sin((2 * Math.PI * row++) / 1440)
    return Float64Array.of(50 + wave + a, 20 + wave + b, normal(rng))
  }
}

/** Scores after 1440 vectors; `change` alters what comes then. */
function scores(
  change: (row: number, vector: Float64Array) => Float64Array = (_, vector) => vector,
  { count = 300, gapMs = 0, detector = make() } = {},
) {
  const next = stream(1)
  const rows = Array.from({ length: 1440 }, next)
  detector.fit(
    History.of(
      rows,
      [...rows.keys()].map((row) => row * MINUTE_MS),
    ),
  )
  return Array.from({ length: count }, (_, row) => {
    const timeMs = (1440 + row) * MINUTE_MS + gapMs
    const vector = change(row, next())
    const score = detector.score(vector, timeMs)
    detector.observe(vector, timeMs)
    return score
  })
}

const usual = Math.max(...scores())

describe('what the latest values foretell', () => {
  it('makes one odd value odd, and not the ones after it', () => {
    const seen = scores((row, vector) => (row === 200 ? vector.with(0, vector[0]! + 15) : vector))
    expect(seen[200]).toBeGreaterThan(3 * usual)
    expect(Math.max(...seen.slice(201))).toBeLessThanOrEqual(usual)
  })

  it('sees the whole of an excursion and its end', () => {
    const seen = scores((row, [a, b, c]) => Float64Array.of(a! + (row >= 200 && row < 208 ? 20 : 0), b!, c!))
    expect(Math.min(...seen.slice(200, 208))).toBeGreaterThan(1.5 * usual)
    expect(Math.max(...seen.slice(210))).toBeLessThanOrEqual(1.1 * usual)
  })

  it('takes what lasts for the new level within an hour', () => {
    const seen = scores((row, [a, b, c]) => Float64Array.of(a! + (row >= 100 ? 30 : 0), b!, c!))
    expect(Math.min(...seen.slice(100, 115))).toBeGreaterThan(usual)
    expect(Math.max(...seen.slice(160))).toBeLessThanOrEqual(1.1 * usual)
  })

  it('is sharper where the next value hangs on the one before', () => {
    const rng = seeded(4)
    const kick = (memory: number) => {
      let value = 0
      const next = () => {
        value = memory * value + Math.sqrt(1 - memory ** 2) * normal(rng)
        return value
      }
      const detector = make([feature('a')])
      const rows = Array.from({ length: 1440 }, () => Float64Array.of(next()))
      detector.fit(History.of(rows, [...rows.keys()]))
      return detector.score(Float64Array.of(value + 6), 1440)
    }
    expect(kick(0.9)).toBeGreaterThan(1.5 * kick(0))
  })
})

it('judges by the whole history after a long silence', () => {
  const elsewhere = (_: number, vector: Float64Array) => vector.with(0, vector[0]! + 15)
  expect(scores(elsewhere, { count: 1 })[0]).toBeGreaterThan(2.5 * usual)
  expect(Math.max(...scores(elsewhere, { count: 50, gapMs: 31 * MINUTE_MS }))).toBeLessThan(1.1 * usual)
})

it('says nothing of what is off in the harmless direction', () => {
  const features = [feature('a', 'high'), feature('b'), feature('c')]
  const fall = (row: number, vector: Float64Array) => (row === 200 ? vector.with(0, vector[0]! - 30) : vector)
  expect(scores(fall, { detector: make(features) })[200]).toBeLessThanOrEqual(usual)
  expect(scores(fall)[200]).toBeGreaterThan(3 * usual)
})

it('explains by the feature that was off, with what was expected', () => {
  const detector = make()
  scores(undefined, { detector })
  const timeMs = 1740 * MINUTE_MS
  const { parts, expected, low, high } = detector.explain(Float64Array.of(90, 40, 0), timeMs)
  expect(parts[0]).toBeGreaterThan(0.9)
  expect(low[0]).toBeLessThan(expected[0]!)
  expect(high[0]).toBeGreaterThan(expected[0]!)
  expect(Math.abs(expected[0]! - 50 - 20 * Math.sin((2 * Math.PI * 300) / 1440))).toBeLessThan(4)
})
