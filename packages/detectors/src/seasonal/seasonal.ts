import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { countedOf, explainResiduals, residualScore } from '../residual/residual.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Scales } from '../statistics/scales.ts'
import { Calendar, DAY_MS, WEEK_MS } from './calendar.ts'
import { Profile } from './profile.ts'
import { findSeasons } from './seasons.ts'
import { slopes } from './trend.ts'

export interface SeasonalOptions {
  readonly features: readonly Feature[]
  /** Periods in ms, the most important first, at most 3; left out: found in the history that it is fitted on, at most 2. */
  readonly seasonsMs?: readonly number[]
  /** Phases that a season is cut into. */
  readonly bins: number
  /** Learned vectors after which the level and the scale weigh half. */
  readonly halfLife: number
  /** Cycles of a season after which what a phase was weighs half. */
  readonly memory: number
  /** ISO dates, local. */
  readonly holidays?: readonly string[]
  /** Of local time, in which days and weeks begin. */
  readonly utcOffsetMinutes?: number
}

const KIND = 'seasonal'
const VERSION = 2
const MINIMUM = 30
const MOST_FOUND = 2
const MOST = 3
/** Smallest scale, in standard deviations of the feature itself. */
const FLOOR = 0.1
/** Errors of more than so many scales teach no more than these. */
const CLIP = 5
/** Values of a phase for which its own scale counts as much as the common one. */
const SCALE_DOUBT = 30
/** Vectors of a phase that a fit looks at, on average: more of them say nothing new. */
const SAMPLE = 100
/** Rounds in which level and seasons are fitted given one another. */
const ROUNDS = 2
/** Beyond the history, and a quarter of its length, no trend goes on. */
const REACH = 0.25

/**
 * Deviation of each feature from what is usual at this time: its level with its trend, and an offset for the phase of each season (of the day, of
 * the week), in the scale that the phase of the first season has. "High at backup time" is normal, the same at noon is not.
 *
 * Seasons are given or found in the history. Each has a robust profile over `bins` phases, fitted by medians, then learned online
 * with clipped errors. While a phase is not known the level alone is expected. Holidays follow the Sunday of the weekly profile and
 * are not learned; where there is no weekly season they have a profile of their own, which begins as that of the other days.
 *
 * Raw score: mean of the largest absolute deviations (one feature in six), each in its scale. Fails when: less than a cycle was
 * seen (it is then a z-score against the level), a season moves (a job that drifts through the day, summer time), a peak is much shorter
 * than a bin, the offset of one season depends on the phase of another more finely than a bin of the longer one, or the season
 * multiplies a feature that is not log-transformed. Cost O(features × seasons) a vector.
 * State: features × bins × 4 bytes × (seasons kept + 1, and 1 more with holidays): 0.6 KB a feature for two seasons of 48.
 *
 * Source: R. B. Cleveland et al.: STL, a seasonal-trend decomposition procedure based on loess (J. Official Statistics 1990), here
 * with medians by phase; C. C. Holt (1957) for the trend online; P. J. Huber: Robust estimation of a location parameter (1964), made recursive.
 */
export class SeasonalDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: SeasonalOptions
  readonly #calendar: Calendar
  readonly #standardiser: Standardiser
  readonly #profiles: readonly Profile[]
  /** On top of the other seasons, on holidays only. */
  readonly #holiday: Profile
  /** At `#reach.levelMs`, and per ms since. */
  readonly #level: Float64Array
  readonly #slope: Float64Array
  readonly #squares: Float64Array
  readonly #phaseSquares: Float32Array
  readonly #counted: number
  readonly #weight: number
  readonly #vector: Float64Array
  readonly #expected: Float64Array
  readonly #scales: Float64Array
  readonly #errors: Float64Array
  #inUse: readonly Profile[] = NONE
  #ownHolidays: readonly Profile[] = NONE
  #phaseWeight = 0
  /** Times before and after which the trend is not believed to go on. */
  #reach = { fromMs: 0, levelMs: 0, untilMs: 0 }
  /** From the level's time to the located one, within reach. */
  #aheadMs = 0
  #stepMs = 1
  #fitted = 0
  #onHoliday = false
  #phase = 0

  constructor(options: SeasonalOptions) {
    const width = options.features.length
    const { bins, seasonsMs, holidays = [] } = options
    if (seasonsMs !== undefined && (seasonsMs.length > MOST || seasonsMs.some((period) => !(period > 0))))
      throw new RangeError(`seasons are at most ${MOST} positive periods in ms, not ${seasonsMs.join(', ')}`)
    this.#options = options
    this.features = namesOf(options.features)
    this.#calendar = new Calendar(holidays, options.utcOffsetMinutes)
    this.#standardiser = new Standardiser(options.features)
    this.#profiles = Array.from({ length: seasonsMs?.length ?? MOST_FOUND }, () => new Profile(width, bins))
    this.#holiday = new Profile(width, holidays.length > 0 ? bins : 0)
    this.#level = new Float64Array(width)
    this.#slope = new Float64Array(width)
    this.#squares = new Float64Array(width).fill(1)
    this.#phaseSquares = new Float32Array(width * bins)
    this.#counted = countedOf(width)
    this.#weight = 1 - 2 ** (-1 / options.halfLife)
    this.#vector = new Float64Array(width)
    this.#expected = new Float64Array(width)
    this.#scales = new Float64Array(width)
    this.#errors = new Float64Array(width)
    this.#resume([], 1)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  /** Periods of the seasons in use, in ms. */
  get seasonsMs(): readonly number[] {
    return this.#inUse.map(({ periodMs }) => periodMs)
  }

  fit(history: History): void {
    this.#standardiser.fit(history)
    const rows = this.#standardiser.applyAll(history)
    const seasons = this.#options.seasonsMs ?? findSeasons(rows, history.timesMs, this.#counted, MOST_FOUND)
    this.#resume(seasons, medianStep(history.timesMs))
    for (const profile of [...this.#profiles, this.#holiday]) profile.clear()
    this.#level.fill(0)
    this.#fitTrend(rows, history)
    for (let row = 0; row < history.count; row++) {
      this.#locate(history.timesMs[row]!)
      for (const profile of this.#learning()) profile.visit()
    }
    const sample = sampled(history.count, SAMPLE * this.#options.bins)
    const times = Float64Array.from(sample, (row) => history.timesMs[row]!)
    for (let i = 0; i < this.features.length; i++) {
      const values = Float64Array.from(sample, (row) => {
        const at = row * history.width + i
        return Number.isNaN(history.values[at]!) ? Number.NaN : rows[at]!
      })
      this.#fitFeature(i, values, times)
    }
    this.#fitted = history.count
  }

  observe(): void {}

  learn(vector: Float64Array, timeMs: number): void {
    this.#fitted++
    this.#expect(vector, timeMs)
    const profiles = this.#learning()
    if (this.#onHoliday && profiles === NONE) return
    this.#advance(timeMs)
    const errors = this.#errors
    for (let i = 0; i < errors.length && !this.#onHoliday; i++) {
      if (Number.isNaN(vector[i]!)) continue
      const error = clipped(errors[i]!, CLIP * this.#scales[i]!)
      const square = error * error
      this.#level[i]! += this.#weight * error
      this.#slope[i]! += (this.#weight ** 2 / 4) * (error / this.#stepMs)
      this.#squares[i]! += this.#weight * (square - this.#squares[i]!)
      const at = this.#phase * errors.length + i
      this.#phaseSquares[at]! += this.#phaseWeight * (square - this.#phaseSquares[at]!)
    }
    // One after the other, each what the one before has left, or two seasons would both take up the whole error.
    for (let p = 0; p < profiles.length; p++) {
      const profile = profiles[p]!
      const weight = profile.visit()
      for (let i = 0; i < errors.length; i++) {
        // Nothing is known of a phase that is seen for the first time, so nothing is far off.
        const limit = profile.first ? Number.POSITIVE_INFINITY : CLIP * this.#scales[i]!
        profile.add(i, clipped(errors[i]!, limit), weight)
        errors[i]! *= 1 - weight
      }
    }
  }

  score(vector: Float64Array, timeMs: number): number {
    return this.ready ? residualScore(this.#deviations(vector, timeMs), this.#counted) : 0
  }

  explain(vector: Float64Array, timeMs: number): Explanation {
    this.#expect(vector, timeMs)
    const z = this.ready ? this.#deviations(vector, timeMs) : this.#errors.fill(0)
    return explainResiduals(z, this.#counted, this.#expected, this.#scales, this.#standardiser)
  }

  save(): Uint8Array {
    const { fromMs, levelMs, untilMs } = this.#reach
    const periods = this.#profiles.map(({ periodMs }) => periodMs)
    const state = Float64Array.of(this.#fitted, this.#stepMs, fromMs, levelMs, untilMs, ...periods)
    const layers = new Map<string, Layer>([
      optionsLayer(this.#options),
      ['state', { data: state }],
      ['level', { data: this.#level }],
      ['slope', { data: this.#slope }],
      ['squares', { data: this.#squares }],
      ['phase_squares', { data: this.#phaseSquares, shape: [this.#options.bins, this.features.length] }],
      ...this.#holiday.layers('holiday'),
      ...this.#profiles.flatMap((profile, s) => profile.layers(`season.${s}`)),
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const count = this.features.length
    const [fitted, stepMs, fromMs, levelMs, untilMs, ...seasons] = layers.float64(
      'state',
      5 + this.#profiles.length,
    )
    const level = layers.float64('level', count)
    const slope = layers.float64('slope', count)
    const squares = layers.float64('squares', count)
    const phaseSquares = layers.float32('phase_squares', this.#phaseSquares.length)
    const profiles = [
      this.#holiday.read('holiday', layers),
      ...this.#profiles.map((profile, s) => profile.read(`season.${s}`, layers)),
    ]
    this.#standardiser.restoreFrom(layers)
    for (const take of profiles) take()
    this.#resume(seasons, stepMs!)
    this.#level.set(level)
    this.#slope.set(slope)
    this.#reach = { fromMs: fromMs!, levelMs: levelMs!, untilMs: untilMs! }
    this.#squares.set(squares)
    this.#phaseSquares.set(phaseSquares)
    this.#fitted = fitted!
  }

  #resume(seasonsMs: readonly number[], stepMs: number): void {
    const { memory, bins, holidays = [] } = this.#options
    for (const [s, profile] of this.#profiles.entries()) profile.resume(seasonsMs[s] ?? 0, memory, stepMs)
    const weekly = seasonsMs.includes(WEEK_MS)
    this.#holiday.resume(holidays.length > 0 && !weekly ? DAY_MS : 0, memory, stepMs)
    this.#inUse = this.#profiles.filter(({ periodMs }) => periodMs > 0)
    this.#ownHolidays = this.#holiday.periodMs > 0 ? [this.#holiday] : NONE
    const first = this.#inUse[0]
    const perVisit = first === undefined ? 1 : Math.max(1, first.periodMs / bins / stepMs)
    this.#phaseWeight = first === undefined ? this.#weight : 1 - 2 ** (-1 / (memory * perVisit))
    this.#stepMs = stepMs
  }

  #fitTrend(rows: Float64Array, { timesMs, values, width }: History): void {
    const longest = Math.max(0, ...this.seasonsMs)
    const known = rows.map((row, at) => (Number.isNaN(values[at]!) ? Number.NaN : row))
    this.#slope.set(slopes(known, timesMs, width, longest))
    const firstMs = timesMs[0] ?? 0
    const levelMs = timesMs.at(-1) ?? 0
    const spanMs = levelMs - firstMs
    this.#reach = { fromMs: firstMs - REACH * spanMs, levelMs, untilMs: levelMs + REACH * spanMs }
  }

  /** Takes the level along its trend to the located time. */
  #advance(timeMs: number): void {
    if (timeMs <= this.#reach.levelMs) return
    for (let i = 0; i < this.#level.length; i++) this.#level[i]! += this.#slope[i]! * this.#aheadMs
    this.#reach.untilMs += timeMs - this.#reach.levelMs
    this.#reach.levelMs = timeMs
    this.#aheadMs = 0
  }

  /** To the phases of a time. */
  #locate(timeMs: number): void {
    const local = this.#calendar.local(timeMs)
    const onHoliday = this.#calendar.holiday(timeMs)
    this.#onHoliday = onHoliday
    const { fromMs, levelMs, untilMs } = this.#reach
    this.#aheadMs = Math.max(fromMs, Math.min(untilMs, timeMs)) - levelMs
    for (let s = 0; s < this.#inUse.length; s++) {
      const profile = this.#inUse[s]!
      profile.locate(onHoliday && profile.periodMs === WEEK_MS ? this.#calendar.sunday(local) : local)
    }
    if (onHoliday) this.#holiday.locate(local)
    this.#phase = this.#inUse[0]?.bin ?? 0
  }

  /** What learns at the located time: the seasons, or on a holiday its own profile only, if there is one. */
  #learning(): readonly Profile[] {
    return this.#onHoliday ? this.#ownHolidays : this.#inUse
  }

  #offset(i: number): number {
    let sum = this.#slope[i]! * this.#aheadMs
    if (this.#onHoliday) sum += this.#holiday.offset(i)
    for (let s = 0; s < this.#inUse.length; s++) sum += this.#inUse[s]!.offset(i)
    return sum
  }

  /** Scale of the located phase: the larger of those on either side, since a season's edge is where it varies most. */
  #scale(i: number): number {
    const first = this.#inUse[0]
    if (first === undefined) return Math.max(FLOOR, Math.sqrt(this.#squares[i]!))
    const square = Math.max(this.#phaseSquare(first, first.bin, i), this.#phaseSquare(first, first.other, i))
    return Math.max(FLOOR, Math.sqrt(square))
  }

  #phaseSquare(first: Profile, bin: number, i: number): number {
    const count = first.counts[bin]!
    const own = this.#phaseSquares[bin * this.features.length + i]!
    return (count * own + SCALE_DOUBT * this.#squares[i]!) / (count + SCALE_DOUBT)
  }

  /** Expected values, scales and errors (0 for what is missing) of a vector, standardised. Valid until the next call. */
  #expect(vector: Float64Array, timeMs: number): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#locate(timeMs)
    for (let i = 0; i < this.#vector.length; i++) {
      const expected = this.#level[i]! + this.#offset(i)
      this.#expected[i] = expected
      this.#scales[i] = this.#scale(i)
      this.#errors[i] = Number.isNaN(vector[i]!) ? 0 : this.#vector[i]! - expected
    }
  }

  /** Absolute errors in their scales; one in the harmless direction is none. Valid until the next call. */
  #deviations(vector: Float64Array, timeMs: number): Float64Array {
    this.#expect(vector, timeMs)
    for (let i = 0; i < this.#errors.length; i++)
      this.#errors[i] = this.#standardiser.off(i, this.#errors[i]!) / this.#scales[i]!
    return this.#errors
  }

  /** Level and offsets by turns, by medians; then the scales. @param values of the feature, NaN where missing */
  #fitFeature(i: number, values: Float64Array, timesMs: Float64Array): void {
    this.#level[i] = median(values.filter((value) => !Number.isNaN(value)))
    for (let round = 0; round < (this.#inUse.length > 0 ? ROUNDS : 1); round++) {
      for (const profile of this.#inUse)
        this.#fitOffsets(i, profile, values, timesMs, (error) => error + profile.offset(i))
      const errors = this.#errorsOf(i, values, timesMs).filter((error) => !Number.isNaN(error))
      this.#level[i]! += median(errors)
    }
    if (this.#ownHolidays.length > 0)
      this.#fitOffsets(i, this.#holiday, values, timesMs, (error) => error + this.#holiday.offset(i))
    this.#fitScales(i, this.#errorsOf(i, values, timesMs), timesMs)
  }

  #fitOffsets(
    i: number,
    profile: Profile,
    values: Float64Array,
    timesMs: Float64Array,
    left: (error: number) => number,
  ): void {
    const byBin: number[][] = Array.from({ length: profile.bins }, () => [])
    for (let row = 0; row < values.length; row++) {
      this.#locate(timesMs[row]!)
      if (Number.isNaN(values[row]!) || !this.#learning().includes(profile)) continue
      byBin[profile.bin]!.push(left(values[row]! - this.#level[i]! - this.#offset(i)))
    }
    for (const [bin, each] of byBin.entries()) profile.set(bin, i, median(Float64Array.from(each)))
  }

  #errorsOf(i: number, values: Float64Array, timesMs: Float64Array): Float64Array {
    return values.map((value, row) => {
      this.#locate(timesMs[row]!)
      const held = this.#onHoliday && this.#ownHolidays === NONE
      return held ? Number.NaN : value - this.#level[i]! - this.#offset(i)
    })
  }

  #fitScales(i: number, errors: Float64Array, timesMs: Float64Array): void {
    const common = new Scales(1, { clip: CLIP, floor: 0 }, 1)
    common.fit(errors.filter((error) => !Number.isNaN(error)))
    const square = common.squares[0]!
    this.#squares[i] = square
    const byBin: number[][] = Array.from({ length: this.#options.bins }, () => [])
    for (const [row, error] of errors.entries()) {
      this.#locate(timesMs[row]!)
      if (!Number.isNaN(error) && !this.#onHoliday) byBin[this.#phase]!.push(error)
    }
    for (const [bin, each] of byBin.entries()) {
      // The clipped mean square within the bin; far values of one phase may be all that is normal there.
      common.fit(Float64Array.from(each))
      this.#phaseSquares[bin * this.features.length + i] = each.length > 0 ? common.squares[0]! : square
    }
  }
}

const NONE: readonly Profile[] = []

const clipped = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value))

/** Rows spread evenly over all, without a period of their own (multiples of the golden ratio). */
function sampled(count: number, most: number): Uint32Array {
  const share = (most / count) * 2 ** 32
  const all = Uint32Array.from({ length: count }, (_, row) => row)
  return all.filter((row) => Math.imul(row, 0x9e3779b1) >>> 0 < share)
}

function median(values: Float64Array): number {
  const sorted = values.sort()
  return sorted[sorted.length >> 1] ?? 0
}

function medianStep(timesMs: Float64Array): number {
  const steps = timesMs.slice(1).map((timeMs, i) => timeMs - timesMs[i]!)
  return Math.max(1, median(steps))
}
