import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { SeasonalDetector, type SeasonalOptions } from './seasonal.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5)
const feature = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const make = (rest: Partial<SeasonalOptions> = {}) =>
  new SeasonalDetector({ features: [feature('load')], bins: 48, halfLife: 5000, memory: 7, ...rest })

detectorContract(
  'seasonal',
  () => make({ features: ['a', 'b', 'c'].map((name) => feature(name)) }),
  () => make({ features: ['a', 'b', 'd'].map((name) => feature(name)) }),
)
detectorContract(
  'seasonal with given seasons and holidays',
  () =>
    make({
      features: ['a', 'b', 'c'].map((name) => feature(name)),
      seasonsMs: [DAY_MS],
      holidays: ['1971-11-27'],
    }),
  () => make({ features: ['a', 'b', 'd'].map((name) => feature(name)), seasonsMs: [DAY_MS] }),
)

const STEP_MS = 10 * MINUTE_MS
type Shape = (timeMs: number) => number
const hour = (timeMs: number) => (timeMs / 3_600_000) % 24
const weekday = (timeMs: number) => new Date(timeMs).getUTCDay()
const day: Shape = (t) => 50 + 20 * Math.sin((2 * Math.PI * (hour(t) - 8)) / 24)
/** High from 2 to 3. */
const backup: Shape = (t) => (hour(t) >= 2 && hour(t) < 3 ? 80 : 20)
const office: Shape = (t) => (weekday(t) % 6 === 0 ? 20 : day(t))

function series(shape: Shape, days: number, seed = 1, startMs = START_MS): History {
  const rng = seeded(seed)
  const times = Array.from({ length: (days * DAY_MS) / STEP_MS }, (_, i) => startMs + i * STEP_MS)
  return History.of(
    times.map((t) => Float64Array.of(shape(t) + normal(rng))),
    times,
  )
}

function trained(shape: Shape, days: number, rest: Partial<SeasonalOptions> = {}): SeasonalDetector {
  const detector = make(rest)
  detector.fit(series(shape, days))
  return detector
}

const at = (detector: SeasonalDetector, value: number, timeMs: number) =>
  detector.score(Float64Array.of(value), timeMs)

/** Largest score of the next `days` of the same shape. */
function usual(detector: SeasonalDetector, shape: Shape, days: number, startMs: number): number {
  const rows = series(shape, days, 2, startMs)
  return Math.max(
    ...Array.from({ length: rows.count }, (_, i) => detector.score(rows.row(i), rows.timesMs[i]!)),
  )
}

describe('seasons', () => {
  it('finds the day, and the week beside it', () => {
    expect(trained(day, 7).seasonsMs).toEqual([DAY_MS])
    expect([...trained(office, 28).seasonsMs].sort()).toEqual([7 * DAY_MS, DAY_MS].sort())
  })

  it('finds a period that nobody lives by', () => {
    const [found, ...others] = trained((t) => (t % (100 * MINUTE_MS) < 30 * MINUTE_MS ? 10 : 0), 7).seasonsMs
    expect(others).toEqual([])
    expect(Math.abs(found! / (100 * MINUTE_MS) - 1)).toBeLessThan(0.05)
  })

  it('finds none in noise, in a wandering level and in less than two cycles', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const rng = seeded(seed)
      let level = 0
      const times = Array.from({ length: 2000 }, (_, i) => i * STEP_MS)
      for (const memory of [0, 0.9]) {
        const rows = times.map(() => {
          level = memory * level + normal(rng)
          return Float64Array.of(level)
        })
        const detector = make()
        detector.fit(History.of(rows, times))
        expect(detector.seasonsMs).toEqual([])
      }
    }
    expect(trained(day, 1.5).seasonsMs).toEqual([])
  })
})

it('takes high at backup time for normal, and the same at noon not', () => {
  const detector = trained(backup, 10)
  const next = START_MS + 10 * DAY_MS
  const most = usual(detector, backup, 3, next)
  expect(at(detector, 80, next + 2.5 * 3_600_000)).toBeLessThan(most)
  expect(at(detector, 80, next + 12 * 3_600_000)).toBeGreaterThan(3 * most)
  expect(at(detector, 20, next + 2.5 * 3_600_000)).toBeGreaterThan(3 * most)
})

it("sees the day's height at night, which the level alone would not", () => {
  const detector = trained(day, 10)
  const next = START_MS + 10 * DAY_MS
  const most = usual(detector, day, 3, next)
  expect(most).toBeLessThan(6)
  expect(at(detector, 68, next + 2 * 3_600_000)).toBeGreaterThan(2 * most)
  const blind = trained(day, 10, { seasonsMs: [] })
  expect(at(blind, 68, next + 2 * 3_600_000)).toBeLessThan(usual(blind, day, 3, next))
})

it('says what is expected at this hour', () => {
  const detector = trained(backup, 10)
  const { expected, low, high } = detector.explain(Float64Array.of(50), START_MS + 10.1 * DAY_MS)
  expect(expected[0]).toBeGreaterThan(70)
  expect(low[0]).toBeLessThan(expected[0]!)
  expect(high[0]).toBeGreaterThan(expected[0]!)
  expect(detector.explain(Float64Array.of(50), START_MS + 10.5 * DAY_MS).expected[0]).toBeCloseTo(20, 0)
})

it('learns a season online that moves', () => {
  const detector = trained(backup, 10, { memory: 2 })
  const later: Shape = (t) => backup(t - 6 * 3_600_000)
  const rows = series(later, 14, 3, START_MS + 10 * DAY_MS)
  const before = at(detector, 80, START_MS + 10 * DAY_MS + 8.5 * 3_600_000)
  for (let i = 0; i < rows.count; i++) detector.learn(rows.row(i), rows.timesMs[i]!)
  expect(at(detector, 80, START_MS + 24 * DAY_MS + 8.5 * 3_600_000)).toBeLessThan(before / 5)
})

it('goes along with a trend, and takes one step for none', () => {
  const grows: Shape = (t) => backup(t) + (10 * (t - START_MS)) / DAY_MS
  const detector = trained(grows, 8)
  const rows = series(grows, 6, 3, START_MS + 8 * DAY_MS)
  for (let i = 0; i < rows.count; i++) {
    expect(detector.score(rows.row(i), rows.timesMs[i]!)).toBeLessThan(8)
    detector.learn(rows.row(i), rows.timesMs[i]!)
  }
  const steps: Shape = (t) => 50 + (t < START_MS + 3 * DAY_MS ? 0 : 40)
  const end = START_MS + 8 * DAY_MS
  const expected = (timeMs: number) => trained(steps, 8).explain(Float64Array.of(0), timeMs).expected[0]!
  expect(Math.abs(expected(end + 2 * DAY_MS) - expected(end))).toBeLessThan(2)
})

it('expects the level at a phase that it has not seen', () => {
  const detector = make({ seasonsMs: [DAY_MS] })
  const morning = series(() => 50, 0.5)
  detector.fit(morning)
  const { expected } = detector.explain(Float64Array.of(50), START_MS + 0.75 * DAY_MS)
  expect(expected[0]).toBeCloseTo(50, 0)
})

describe('holidays', () => {
  const holiday = START_MS + 30 * DAY_MS
  const date = new Date(holiday).toISOString().slice(0, 10)
  const noon = holiday + 12 * 3_600_000

  it('follow the Sunday of the week', () => {
    const seasonsMs = [DAY_MS, 7 * DAY_MS]
    const plain = trained(office, 28, { seasonsMs })
    const knowing = trained(office, 28, { seasonsMs, holidays: [date] })
    expect(at(plain, 20, noon)).toBeGreaterThan(4 * at(knowing, 20, noon))
    expect(at(knowing, day(noon), noon)).toBeGreaterThan(4 * at(plain, day(noon), noon))
    const before = knowing.explain(Float64Array.of(20), noon + 7 * DAY_MS).expected
    for (let i = 0; i < 144; i++) knowing.learn(Float64Array.of(20), holiday + i * STEP_MS)
    expect(knowing.explain(Float64Array.of(20), noon + 7 * DAY_MS).expected).toEqual(before)
  })

  it('have a profile of their own where there is no weekly season', () => {
    const next = new Date(holiday + 2 * DAY_MS).toISOString().slice(0, 10)
    const detector = trained(day, 28, { seasonsMs: [DAY_MS], holidays: [date, next] })
    const before = at(detector, 20, noon + 2 * DAY_MS)
    const weekdayBefore = detector.explain(Float64Array.of(20), noon + DAY_MS).expected
    for (let i = 0; i < 144; i++) detector.learn(Float64Array.of(20), holiday + i * STEP_MS)
    expect(at(detector, 20, noon + 2 * DAY_MS)).toBeLessThan(before / 1.5)
    expect(detector.explain(Float64Array.of(20), noon + DAY_MS).expected).toEqual(weekdayBefore)
  })

  it('must be dates', () => {
    expect(() => make({ holidays: ['25.12.2026'] })).toThrow('25.12.2026')
  })
})

it('keeps less than a kilobyte a feature with two seasons of 48 phases', () => {
  const features = Array.from({ length: 17 }, (_, i) => feature(`f${i}`))
  const detector = make({ features, seasonsMs: [DAY_MS, 7 * DAY_MS] })
  expect(detector.save().length / 17).toBeLessThan(1024)
})
