import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import type { Feature } from '../feature.ts'
import type { History } from '../history.ts'
import { Standardiser } from '../standardiser/standardiser.ts'

/** Vectors of a course, the newest included. */
const LENGTH = 8
/** Vectors after which a vector of a course weighs less by e. */
const FADE = 8
/** Vectors that the mean of the longer stretch is taken over, and the spread. */
const MEAN_SPAN = 36
const SPREAD_SPAN = 10
/** First place whose course is complete. */
export const COMPLETE = MEAN_SPAN - 1
/** Weight of the mean, and of the spread, each in its own standard deviations, beside a value in its. */
const STRETCH_WEIGHT = 0.7
/** Weight of the time of the day, as a point on a circle of radius 1. */
const HOUR_WEIGHT = 0.5
/** Standard deviations of the feature that are added to a spread before its logarithm: what is smaller is calm. */
const CALM = 0.1
/** Smallest standard deviation of a mean and of a logarithm of a spread. */
const FLOOR = 0.01
/** Rows beyond those remembered that are written before the oldest are dropped. */
const SLACK = 256
/** Of each row and feature: value, mean and logarithm of the spread of the stretch that ends there. */
const NUMBERS = 3
/** Of each row: cosine and sine of the time of the day. */
const CLOCK = 2
const DAY_MS = 86_400_000

const WEIGHTS = Float64Array.from({ length: LENGTH }, (_, lag) => Math.exp((-2 * lag) / FADE))

/**
 * The latest vectors, standardised, as courses that can be compared. A course is a vector with those before it, the older the less
 * they weigh, the mean and the spread of a longer stretch, and the time of the day (UTC). Places are counted from the oldest vector
 * held, 0, to the one that is judged, `count`.
 */
export class Course {
  readonly standardiser: Standardiser
  readonly #width: number
  /** Numbers of a row. */
  readonly #stride: number
  readonly #rows: number
  readonly #data: Float32Array
  /** Row behind the newest one. */
  #end = 0
  /** Of the mean and of the spread of each feature: the inverse of its scale, squared and weighted. */
  #weights: Float64Array
  readonly #vector: Float64Array

  /** @param memory vectors that are held */
  constructor(features: readonly Feature[], memory: number) {
    this.standardiser = new Standardiser(features)
    this.#width = features.length
    this.#stride = features.length * NUMBERS + CLOCK
    this.#rows = memory
    this.#data = new Float32Array((memory + SLACK) * this.#stride)
    this.#weights = new Float64Array(2 * features.length)
    this.#vector = new Float64Array(features.length)
  }

  get count(): number {
    return Math.min(this.#end, this.#rows)
  }

  fit(history: History): void {
    this.standardiser.fit(history)
    this.#data.fill(0)
    this.#end = 0
    const count = history.count
    const stretches = new Float64Array(this.#weights.length * count)
    for (let i = 0; i < count; i++) {
      this.add(history.row(i), history.timesMs[i]!)
      for (let f = 0; f < this.#width; f++) {
        const at = this.#at(this.#end - 1, f)
        stretches[2 * f * count + i] = this.#data[at + 1]!
        stretches[(2 * f + 1) * count + i] = this.#data[at + 2]!
      }
    }
    for (let s = 0; s < this.#weights.length; s++) {
      const scale = Math.max(FLOOR, deviation(stretches.subarray(s * count, (s + 1) * count)))
      this.#weights[s] = (STRETCH_WEIGHT / scale) ** 2
    }
  }

  /** Takes a vector for the one that is judged, without keeping it. */
  judge(vector: Float64Array, timeMs: number): void {
    this.standardiser.apply(vector, this.#vector)
    const data = this.#data
    for (let f = 0; f < this.#width; f++) {
      const at = this.#at(this.#end, f)
      data[at] = this.#vector[f]!
      data[at + 1] = this.#mean(at, MEAN_SPAN)
      data[at + 2] = Math.log(this.#spread(at) + CALM)
    }
    const angle = (2 * Math.PI * (timeMs % DAY_MS)) / DAY_MS
    const clock = this.#at(this.#end, this.#width)
    data[clock] = Math.cos(angle)
    data[clock + 1] = Math.sin(angle)
  }

  add(vector: Float64Array, timeMs: number): void {
    this.judge(vector, timeMs)
    this.#end++
    if (this.#end < this.#rows + SLACK) return
    this.#data.copyWithin(0, (this.#end - this.#rows) * this.#stride, this.#end * this.#stride)
    this.#end = this.#rows
  }

  /** Squared distance between the courses that end at two places; any number from `limit` on when it is not below. */
  distance(a: number, b: number, limit: number): number {
    const first = this.#end - this.count
    const here = this.#at(first + a, this.#width)
    const there = this.#at(first + b, this.#width)
    const cosine = this.#data[here]! - this.#data[there]!
    const sine = this.#data[here + 1]! - this.#data[there + 1]!
    let sum = HOUR_WEIGHT * HOUR_WEIGHT * (cosine * cosine + sine * sine)
    for (let f = 0; f < this.#width && sum < limit; f++) sum += this.part(a, b, f, limit - sum)
    return sum
  }

  /** A feature's part in it; any number from `limit` on when it is not below. */
  part(a: number, b: number, feature: number, limit: number): number {
    const data = this.#data
    const first = this.#end - this.count
    let here = this.#at(first + a, feature)
    let there = this.#at(first + b, feature)
    const mean = data[here + 1]! - data[there + 1]!
    const spread = data[here + 2]! - data[there + 2]!
    let sum = this.#weights[2 * feature]! * mean * mean + this.#weights[2 * feature + 1]! * spread * spread
    const lags = Math.min(LENGTH, a + 1, b + 1)
    for (let lag = 0; lag < lags && sum < limit; lag++) {
      const difference = data[here]! - data[there]!
      sum += WEIGHTS[lag]! * difference * difference
      here -= this.#stride
      there -= this.#stride
    }
    return sum
  }

  /** Standardised value of a feature at a place. */
  value(place: number, feature: number): number {
    return this.#data[this.#at(this.#end - this.count + place, feature)]!
  }

  layers(): [string, Layer][] {
    const rows = new Float32Array(this.#rows * this.#stride)
    rows.set(this.#data.subarray((this.#end - this.count) * this.#stride, this.#end * this.#stride))
    return [
      ['course.count', { data: Float64Array.of(this.count) }],
      ['course.weights', { data: this.#weights }],
      ['course.rows', { data: rows, shape: [this.#rows, this.#stride] }],
      ...this.standardiser.layers(),
    ]
  }

  /** @throws ModelError, and is then as it was */
  restore(layers: Layers): void {
    const count = layers.float64('course.count', 1)[0]!
    if (!(Number.isInteger(count) && count >= 0 && count <= this.#rows))
      throw new ModelError('corrupt', `course of ${count} rows`)
    const weights = layers.float64('course.weights', this.#weights.length)
    const rows = layers.float32('course.rows', this.#rows * this.#stride)
    this.standardiser.restoreFrom(layers)
    this.#weights = weights
    this.#data.fill(0)
    this.#data.set(rows)
    this.#end = count
  }

  #at(row: number, feature: number): number {
    return row * this.#stride + feature * NUMBERS
  }

  /** Mean of the values of a feature that end at an index. */
  #mean(at: number, span: number): number {
    const held = Math.min(span, this.#end + 1)
    let sum = 0
    for (let back = 0; back < held; back++) sum += this.#data[at - back * this.#stride]!
    return sum / held
  }

  #spread(at: number): number {
    const mean = this.#mean(at, SPREAD_SPAN)
    const held = Math.min(SPREAD_SPAN, this.#end + 1)
    let sum = 0
    for (let back = 0; back < held; back++) sum += (this.#data[at - back * this.#stride]! - mean) ** 2
    return Math.sqrt(sum / held)
  }
}

function deviation(values: Float64Array): number {
  if (values.length === 0) return 0
  const center = values.reduce((a, b) => a + b, 0) / values.length
  return Math.sqrt(values.reduce((a, b) => a + (b - center) ** 2, 0) / values.length)
}
