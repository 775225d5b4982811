import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { explainShares } from '../residual/shares.ts'
import { COMPLETE, Course } from './course.ts'
import { News } from './news.ts'

export interface NoveltyOptions {
  readonly features: readonly Feature[]
  /** Latest vectors that are remembered. Default 4096. */
  readonly memory?: number
  /** Nearest of them that the distance is taken to. Default 3: what came that often is not new. */
  readonly neighbours?: number
  /**
   * Vectors after which trouble is over. Until then a vector gets its full score only when it is news (news.ts): operators are told once. Default
   * 0: each vector is scored for itself.
   */
  readonly rest?: number
}

const KIND = 'novelty'
const VERSION = 2
const MEMORY = 4096
const NEIGHBOURS = 3
const MINIMUM = 60
/** A course is compared with those that end at least so many vectors from it: nearer ones are all but itself. */
const GAP = 6
/** So many times the memory is the number of distances that a new one is ranked among. */
const RANKED = 2
/** Smallest distance that is told from none, in standard deviations. */
const LEAST = 0.01
/** Largest raw score of what is no news: below every threshold that a budget asks for, which is one in ten at the least. */
const OLD = 0.9

/**
 * How new the course of the latest vectors is: its distance from the nearest courses remembered. Sees a value never seen, a known
 * value where it never came, a flank, a drift of the mean, noise where there was none and calm where there was noise; a habit,
 * however strange its values, is not new.
 *
 * A course is the vector and those just before it, the mean and spread of a longer stretch, and the time of the day (course.ts).
 * All vectors are remembered, anomalous ones too: the same trouble is new only once, so the score tells when trouble begins rather
 * than how long it lasts. The distance is the root mean square of those to the nearest `neighbours`. Raw score: −log10 of the
 * conformal p-value, the share of all distances so far that are as large; so it is calibrated by itself, and anomalies in
 * what was learned make it smaller, never larger. Beyond the largest it goes on with the logarithm of the distance.
 *
 * Not monotone: a farther value may be one seen before. Fails on a fault that comes back within the memory, and with more than a few
 * features, whose courses never come twice. The explanation is each feature's part in the squared distances. Cost O(memory ×
 * features × course) a vector, mostly less, since a course that is farther than the nearest is left as soon as that is known; O(memory²
 * × …) to fit. State (12·features + 16)·memory bytes.
 *
 * Source: E. Burnaev, V. Ishimtsev: Conformalized density- and distance-based anomaly detection in time-series data (2016), for
 * nearest neighbours of courses, their conformal p-value and the rest after an alarm; what a course is made of is ours. Lengths,
 * weights and the level of trouble were chosen on the AWS and AdExchange files of the Numenta Anomaly Benchmark.
 */
export class NoveltyDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly calibrated = true
  readonly #options: Required<NoveltyOptions>
  readonly #course: Course
  /** Squared distances of the nearest, ascending, and their places. */
  readonly #nearest: Float64Array
  readonly #places: Uint32Array
  readonly #news: News
  #fitted = 0
  /** Ring of distances: of each vector of the history from all others, of later ones from those before. */
  #distances: Float32Array
  #measured = 0
  /** What was judged last, its distance and how rare that is: mostly it is what is observed next. */
  readonly #judged: Float64Array
  #judgedMs = Number.NaN
  #distance = 0
  #rarity = 0

  constructor(options: NoveltyOptions) {
    this.#options = { memory: MEMORY, neighbours: NEIGHBOURS, rest: 0, ...options }
    const { memory, neighbours, rest, features } = this.#options
    this.features = namesOf(features)
    this.#course = new Course(features, memory)
    this.#nearest = new Float64Array(neighbours)
    this.#places = new Uint32Array(neighbours)
    this.#news = new News(rest)
    this.#distances = new Float32Array(RANKED * memory)
    this.#judged = new Float64Array(features.length)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  fit(history: History): void {
    const course = this.#course
    course.fit(history)
    this.#fitted = history.count
    this.#distances.fill(0)
    this.#measured = 0
    this.#news.reset()
    this.#judgedMs = Number.NaN
    for (let place = COMPLETE; place < course.count; place++) this.#measure(this.#search(place))
  }

  /** All that is observed is remembered. */
  learn(): void {}

  observe(vector: Float64Array, timeMs: number): void {
    if (!this.#isJudged(vector, timeMs)) this.#judge(vector, timeMs)
    this.#news.add(this.#rarity)
    this.#measure(this.#distance)
    this.#course.add(vector, timeMs)
    this.#judgedMs = Number.NaN
  }

  score(vector: Float64Array, timeMs: number): number {
    if (!this.ready) return 0
    this.#judge(vector, timeMs)
    return this.#news.is(this.#rarity) ? this.#rarity : Math.min(OLD, this.#rarity)
  }

  explain(vector: Float64Array, timeMs: number): Explanation {
    const raw = this.score(vector, timeMs)
    const course = this.#course
    const width = this.features.length
    const found = raw > 0 ? this.#find(course.count) : 0
    const shares = new Float64Array(width)
    const expected = new Float64Array(width)
    const low = new Float64Array(width).fill(found > 0 ? Number.POSITIVE_INFINITY : Number.NaN)
    const high = new Float64Array(width).fill(found > 0 ? Number.NEGATIVE_INFINITY : Number.NaN)
    for (const place of this.#places.subarray(0, found))
      for (let i = 0; i < width; i++) {
        const value = course.value(place, i)
        shares[i]! += course.part(course.count, place, i, Number.POSITIVE_INFINITY)
        expected[i]! += value / found
        low[i] = Math.min(low[i]!, value)
        high[i] = Math.max(high[i]!, value)
      }
    return explainShares(raw, shares, { expected, low, high }, course.standardiser)
  }

  save(): Uint8Array {
    return encodeModel({
      kind: KIND,
      version: VERSION,
      layers: new Map([
        optionsLayer(this.#options),
        ['counts', { data: Float64Array.of(this.#fitted, this.#measured) }],
        ['distances', { data: this.#distances }],
        ['news', { data: this.#news.save() }],
        ...this.#course.layers(),
      ]),
    })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const [fitted, measured] = layers.float64('counts', 2)
    if (!(fitted! >= 0 && measured! >= 0))
      throw new ModelError('corrupt', `fitted on ${fitted} vectors, ${measured} distances`)
    const distances = layers.float32('distances', this.#distances.length)
    const news = layers.float64('news', this.#news.saved)
    this.#course.restore(layers)
    this.#news.load(news)
    this.#fitted = fitted!
    this.#distances = distances
    this.#measured = measured!
    this.#judgedMs = Number.NaN
  }

  #isJudged(vector: Float64Array, timeMs: number): boolean {
    if (this.#judgedMs !== timeMs) return false
    for (let i = 0; i < vector.length; i++) if (!Object.is(vector[i], this.#judged[i])) return false
    return true
  }

  #judge(vector: Float64Array, timeMs: number): void {
    this.#course.judge(vector, timeMs)
    this.#judged.set(vector)
    this.#judgedMs = timeMs
    this.#distance = this.#search(this.#course.count)
    this.#rarity = this.#rank(this.#distance)
  }

  #measure(distance: number): void {
    this.#distances[this.#measured++ % this.#distances.length] = distance
  }

  /** −log10 of the share of the distances that are as large. */
  #rank(distance: number): number {
    const held = Math.min(this.#measured, this.#distances.length)
    let larger = 0
    let largest = 0
    for (let i = 0; i < held; i++) {
      const other = this.#distances[i]!
      if (other > distance) larger += 1
      else if (other === distance) larger += 0.5
      if (other > largest) largest = other
    }
    const beyond = Math.log10(Math.max(1, (distance + LEAST) / (largest + LEAST)))
    return Math.max(0, Math.log10((held + 1) / (larger + 0.5))) + beyond
  }

  /** Root mean square distance of the course at a place from its nearest, in single precision; 0 when there are none. */
  #search(place: number): number {
    const found = this.#find(place)
    let sum = 0
    for (let k = 0; k < found; k++) sum += this.#nearest[k]!
    return found > 0 ? Math.fround(Math.sqrt(sum / found)) : 0
  }

  /** Finds the nearest of the other courses; says how many there are. */
  #find(place: number): number {
    const course = this.#course
    const nearest = this.#nearest
    const places = this.#places
    const most = nearest.length
    let held = 0
    let limit = Number.POSITIVE_INFINITY
    for (let other = COMPLETE; other < course.count; other++) {
      if (Math.abs(other - place) < GAP) continue
      const square = course.distance(place, other, limit)
      if (square >= limit) continue
      let at = held < most ? held++ : most - 1
      for (; at > 0 && nearest[at - 1]! > square; at--) {
        nearest[at] = nearest[at - 1]!
        places[at] = places[at - 1]!
      }
      nearest[at] = square
      places[at] = other
      if (held === most) limit = nearest[most - 1]!
    }
    return held
  }
}
