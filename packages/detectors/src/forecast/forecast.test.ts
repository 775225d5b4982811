import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { augursForecaster } from './augurs.ts'
import { ForecastDetector, type ForecastOptions } from './forecast.ts'
import type { Forecaster } from './forecaster.ts'
import { smoothing } from './smoothing.ts'

const feature = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const make = (rest: Partial<ForecastOptions> = {}, forecaster?: Forecaster) =>
  new ForecastDetector(
    { features: [feature('load')], horizon: 96, memory: 288, halfLife: 5000, ...rest },
    forecaster,
  )
const named = (names: string[]) => make({ features: names.map((name) => feature(name)) })

detectorContract(
  'forecast',
  () => named(['a', 'b', 'c']),
  () => named(['a', 'b', 'd']),
)

const DAY_MS = 86_400_000
const STEP_MS = 300_000
const START_MS = Date.UTC(2026, 0, 5)
const wave = (timeMs: number) => Math.sin((2 * Math.PI * timeMs) / DAY_MS)
const load = (timeMs: number) => 50 + 20 * wave(timeMs)

function series(days: number, seed = 1, startMs = START_MS, shape = load): History {
  const rng = seeded(seed)
  const times = Array.from({ length: (days * DAY_MS) / STEP_MS }, (_, i) => startMs + i * STEP_MS)
  return History.of(
    times.map((t) => Float64Array.of(shape(t) + normal(rng))),
    times,
  )
}

const scores = (detector: ForecastDetector, rows: History) =>
  Array.from({ length: rows.count }, (_, i) => detector.score(rows.row(i), rows.timesMs[i]!))

const augurs = () =>
  augursForecaster(
    new Uint8Array(readFileSync(new URL('mstl_bg.wasm', import.meta.resolve('@bsull/augurs/mstl')))),
  )

describe.each([
  ['smoothing', () => smoothing],
  ['augurs', augurs],
])('with %s', (_, forecaster) => {
  it("sees the day's height at night", () => {
    const detector = make({}, forecaster())
    detector.fit(series(4))
    const usual = Math.max(...scores(detector, series(1, 2, START_MS + 4 * DAY_MS)))
    expect(usual).toBeLessThan(7)
    const night = START_MS + 4.75 * DAY_MS
    expect(detector.score(Float64Array.of(65), night)).toBeGreaterThan(2 * usual)
    const { expected, low, high } = detector.explain(Float64Array.of(65), night)
    expect(Math.abs(expected[0]! - 30)).toBeLessThan(3)
    expect(low[0]! < expected[0]! && high[0]! > expected[0]!).toBe(true)
  })

  it('forecasts a season to within its noise', () => {
    const rng = seeded(1)
    const values = Float64Array.from(
      { length: 288 },
      (_, i) => 3 * wave((i * DAY_MS) / 96) + 0.3 * normal(rng),
    )
    const { point, halfWidth } = forecaster().forecast(values, [96], 96)
    let squares = 0
    for (const [h, value] of point.entries()) squares += (value - 3 * wave((h * DAY_MS) / 96)) ** 2 / 96
    expect(Math.sqrt(squares)).toBeLessThan(0.3)
    expect(halfWidth[0]!).toBeGreaterThan(0.3)
    expect(halfWidth[0]!).toBeLessThan(3)
  })

  it.each([
    ['constant', new Float64Array(288).fill(3)],
    ['short', Float64Array.of(1, 2, 3)],
    ['empty', new Float64Array(0)],
    ['large', Float64Array.from({ length: 288 }, (_, i) => (i % 2 === 0 ? 1000 : -1000))],
  ])('gives numbers for a %s series', (_, values) => {
    const { point, halfWidth } = forecaster().forecast(values, [24], 10)
    expect([point.length, halfWidth.length]).toEqual([10, 10])
    for (const value of [...point, ...halfWidth]) expect(Number.isFinite(value)).toBe(true)
    for (const value of halfWidth) expect(value).toBeGreaterThanOrEqual(0)
  })
})

it('follows a level that moves, by renewing its bands as it learns', () => {
  const detector = make()
  detector.fit(series(4))
  const later = series(3, 3, START_MS + 4 * DAY_MS, (t) => load(t) + 15)
  const before = scores(detector, later.slice(0, 100))
  for (let i = 0; i < later.count; i++) detector.learn(later.row(i), later.timesMs[i]!)
  const after = scores(
    detector,
    series(1, 4, START_MS + 7 * DAY_MS, (t) => load(t) + 15),
  )
  const mean = (values: number[]) => values.reduce((a, b) => a + b / values.length, 0)
  expect(mean(after)).toBeLessThan(mean(before) / 3)
})

it('goes along with a trend', () => {
  const grows = (t: number) => load(t) + (15 * (t - START_MS)) / DAY_MS
  const detector = make()
  detector.fit(series(6, 1, START_MS, grows))
  expect(Math.max(...scores(detector, series(1, 2, START_MS + 6 * DAY_MS, grows)))).toBeLessThan(8)
})

it('leaves a slow forecaster to the trainer, and repeats the season until then', () => {
  let calls = 0
  const slow: Forecaster = {
    slow: true,
    forecast: (...given) => {
      calls++
      return smoothing.forecast(...given)
    },
  }
  const detector = make({}, slow)
  detector.fit(series(4))
  const fitted = calls
  const later = series(2, 3, START_MS + 4 * DAY_MS)
  for (let i = 0; i < later.count; i++) detector.learn(later.row(i), later.timesMs[i]!)
  expect(calls).toBe(fitted)
  expect(detector.due).toBe(true)
  expect(Math.max(...scores(detector, series(1, 5, START_MS + 6 * DAY_MS)))).toBeLessThan(7)
  detector.renew()
  expect(calls).toBeGreaterThan(fitted)
  expect(detector.due).toBe(false)
})

it('goes on after a gap in the data', () => {
  const detector = make()
  const rows = series(6)
  detector.fit(rows.without(288 * 4, 288 * 4 + 100))
  expect(Math.max(...scores(detector, series(1, 2, START_MS + 6 * DAY_MS)))).toBeLessThan(8)
})

it('keeps less than 2.2 KB a feature', () => {
  const features = Array.from({ length: 17 }, (_, i) => `f${i}`)
  expect(named(features).save().length / 17).toBeLessThan(2250)
})
