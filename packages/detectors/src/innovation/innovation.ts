import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { BAND } from '../residual/shares.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Scales } from '../statistics/scales.ts'
import { Course } from './course.ts'

export interface InnovationOptions {
  readonly features: readonly Feature[]
  /** Vectors that the level looks back. */
  readonly span: number
  /** Learned vectors after which what was learned weighs half. */
  readonly halfLife: number
}

const KIND = 'innovation'
const VERSION = 2
const MINIMUM = 30
/** Smallest scale of an innovation, in standard deviations of the feature itself. */
const FLOOR = 0.03
/** Innovations of more than so many scales do not widen the scale. Sparse bursts are normal in many features, and do. */
const CLIP = 20
/** The largest innovation is nearly all of the score, yet those of features that are off together add up. */
const NORM = 4
/** Nothing is remembered for longer: a level that wanders is followed, not extrapolated. */
const LONGEST_MEMORY = 0.95
const ROUNDS = 3
/** Steps of time without a vector after which the level is no longer known, and the whole history tells what is expected. */
const GAP = 30
/** A deviation in the harmless direction counts up to here, where nothing is unusual: scores that are mostly 0 could not be calibrated. */
const HARMLESS = 3
/** No deviation counts as more: keeps the powers finite. */
const LARGEST = 1e9

/**
 * Deviation of each feature from what its own latest values foretell: its level, which follows slowly, and the share of the latest
 * deviation that it usually remembers (AR(1)). Sees one odd value as well as the whole of a short excursion, and nothing after its end: far values hardly
 * move what is expected next.
 *
 * Raw score: 4-norm of the deviations, each in its own robust scale. Fails when trouble grows more slowly than the level follows, or lasts:
 * after some 15 to 60 vectors what stays becomes the level. Cost O(features); state 100 bytes a feature.
 *
 * Source: S. Gelper, R. Fried, C. Croux: Robust forecasting with exponential and Holt-Winters smoothing (J. Forecasting 2010); A. J.
 * Fox: Outliers in time series (1972), for innovations.
 */
export class InnovationDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: InnovationOptions
  readonly #standardiser: Standardiser
  readonly #course: Course
  /** Of the vectors that are learned: they come later than those that are scored, and not all of them come. */
  readonly #learned: Course
  readonly #scales: Scales
  /** Per feature: mean product of a deviation with the one before, and mean square. */
  readonly #products: Float64Array
  readonly #squares: Float64Array
  readonly #weight: number
  readonly #vector: Float64Array
  readonly #deviation: Float64Array
  #fitted = 0
  /** Usual time from one vector to the next, latest of the vectors judged and of those learned. */
  readonly #times = Float64Array.of(Number.POSITIVE_INFINITY, Number.NaN, Number.NaN)

  constructor(options: InnovationOptions) {
    const width = options.features.length
    this.#options = options
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    const { span } = options
    this.#course = new Course(width, span)
    this.#learned = new Course(width, span)
    this.#scales = new Scales(width, { clip: CLIP, floor: FLOOR }, options.halfLife)
    this.#products = new Float64Array(width)
    this.#squares = new Float64Array(width)
    this.#weight = 1 - 2 ** (-1 / options.halfLife)
    this.#vector = new Float64Array(width)
    this.#deviation = new Float64Array(width)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  fit(history: History): void {
    const { width, count } = history
    this.#standardiser.fit(history)
    this.#scales.squares.fill(1)
    this.#products.fill(0)
    this.#squares.fill(1)
    this.#times.set([usualStep(history.timesMs), Number.NaN, Number.NaN])
    const innovations = new Float64Array(count * width)
    // What is remembered and the scales are found given one another; the first round holds next to nothing.
    for (let round = 0; round < ROUNDS; round++) {
      this.#learned.reset()
      this.#times[LEARNED] = Number.NaN
      const products = new Float64Array(width)
      const squares = new Float64Array(width)
      for (let row = 0; row < count; row++) {
        const vector = history.row(row)
        this.#standardiser.applyKnown(vector, this.#vector)
        this.#arrive(this.#learned, LEARNED, history.timesMs[row]!)
        for (let i = 0; i < width; i++) {
          const before = this.#learned.before[i]!
          innovations[row * width + i] = this.#follow(this.#learned, i)
          products[i]! += (before * this.#learned.before[i]!) / count
          squares[i]! += before ** 2 / count
        }
      }
      this.#products.set(products)
      this.#squares.set(squares)
      this.#scales.fit(innovations)
    }
    this.#course.copy(this.#learned)
    this.#times[JUDGED] = this.#times[LEARNED]!
    this.#fitted = count
  }

  learn(vector: Float64Array, timeMs: number): void {
    this.#fitted++
    this.#standardiser.applyKnown(vector, this.#vector)
    this.#arrive(this.#learned, LEARNED, timeMs)
    for (let i = 0; i < this.#vector.length; i++) {
      const before = this.#learned.before[i]!
      this.#deviation[i] = this.#follow(this.#learned, i)
      this.#products[i]! += this.#weight * (before * this.#learned.before[i]! - this.#products[i]!)
      this.#squares[i]! += this.#weight * (before ** 2 - this.#squares[i]!)
    }
    this.#scales.add(this.#deviation)
  }

  observe(vector: Float64Array, timeMs: number): void {
    this.#standardiser.applyKnown(vector, this.#vector)
    this.#arrive(this.#course, JUDGED, timeMs)
    for (let i = 0; i < this.#vector.length; i++) this.#follow(this.#course, i)
  }

  score(vector: Float64Array, timeMs: number): number {
    if (!this.ready) return 0
    const z = this.#deviations(vector, timeMs)
    let sum = 0
    for (let i = 0; i < z.length; i++) sum += z[i]! ** NORM
    return sum ** (1 / NORM)
  }

  /** Exact, since the score is a norm. */
  explain(vector: Float64Array, timeMs: number): Explanation {
    const z = this.ready ? this.#deviations(vector, timeMs) : this.#deviation.fill(0)
    const parts = z.map((each) => each ** NORM)
    const total = parts.reduce((a, b) => a + b, 0)
    const late = this.#late(JUDGED, timeMs)
    const at = (band: number) =>
      z.map((_, i) => {
        const expected = late ? 0 : this.#course.expected(i, this.#memory(i), 0)
        return this.#standardiser.restore(i, expected + band * (late ? 1 : this.#scales.of(i)))
      })
    return {
      parts: total > 0 ? parts.map((part) => part / total) : parts.fill(0),
      expected: at(0),
      low: at(-BAND),
      high: at(BAND),
    }
  }

  save(): Uint8Array {
    const layers = new Map<string, Layer>([
      optionsLayer(this.#options),
      ['fitted', { data: Float64Array.of(this.#fitted) }],
      ['times', { data: this.#times }],
      ['scales', { data: this.#scales.squares }],
      ['products', { data: this.#products }],
      ['squares', { data: this.#squares }],
      ...this.#course.layers('course'),
      ...this.#learned.layers('learned'),
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const count = this.features.length
    const fitted = layers.float64('fitted', 1)[0]!
    const times = layers.float64('times', this.#times.length)
    const scales = layers.float64('scales', count)
    const products = layers.float64('products', count)
    const squares = layers.float64('squares', count)
    const courses = [this.#course.read('course', layers), this.#learned.read('learned', layers)]
    this.#standardiser.restoreFrom(layers)
    for (const take of courses) take()
    this.#times.set(times)
    this.#scales.squares.set(scales)
    this.#products.set(products)
    this.#squares.set(squares)
    this.#fitted = fitted
  }

  /** Share of a deviation that the next value remembers. */
  #memory(i: number): number {
    const square = this.#squares[i]!
    return square > 1e-12 ? Math.max(0, Math.min(LONGEST_MEMORY, this.#products[i]! / square)) : 0
  }

  #late(which: number, timeMs: number): boolean {
    return timeMs - this.#times[which]! > GAP * this.#times[STEP]!
  }

  #arrive(course: Course, which: number, timeMs: number): void {
    if (this.#late(which, timeMs)) course.reset()
    this.#times[which] = timeMs
  }

  /** Takes the standardised value of a feature into a course; @returns how far it was from what was expected. */
  #follow(course: Course, i: number): number {
    const value = this.#vector[i]!
    if (Number.isNaN(value)) {
      course.skip(i)
      return 0
    }
    const memory = this.#memory(i)
    const innovation = value - course.expected(i, memory, value)
    course.add(i, value, this.#scales.of(i) / Math.sqrt(1 - memory ** 2))
    return innovation
  }

  /** Absolute innovations in their scales; in the harmless direction none is unusual. Valid until the next call. */
  #deviations(vector: Float64Array, timeMs: number): Float64Array {
    this.#standardiser.applyKnown(vector, this.#vector)
    const late = this.#late(JUDGED, timeMs)
    for (let i = 0; i < this.#deviation.length; i++) {
      const value = this.#vector[i]!
      const innovation = late ? value : value - this.#course.expected(i, this.#memory(i), 0)
      const limit = this.#standardiser.harmless(i, innovation) ? HARMLESS : LARGEST
      const size = Math.abs(innovation) / (late ? 1 : this.#scales.of(i))
      this.#deviation[i] = Number.isNaN(value) ? 0 : Math.min(limit, size)
    }
    return this.#deviation
  }
}

/** Places in `#times`. */
const [STEP, JUDGED, LEARNED] = [0, 1, 2]

/** Median time from one vector to the next; infinite for fewer than two. */
function usualStep(timesMs: Float64Array): number {
  const steps = timesMs
    .slice(1)
    .map((timeMs, i) => timeMs - timesMs[i]!)
    .sort()
  const median = steps[steps.length >> 1] ?? 0
  return median > 0 ? median : Number.POSITIVE_INFINITY
}
