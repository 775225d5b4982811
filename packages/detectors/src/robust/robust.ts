import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, inverse, namesOf, sampledScale, transform } from '../feature.ts'
import type { History } from '../history.ts'
import { DigestBank } from '../statistics/digest.ts'
import { Room } from '../statistics/room.ts'

export interface RobustOptions {
  readonly features: readonly Feature[]
  /** Values after which what was learned weighs half. */
  readonly halfLife: number
  /** Values of a feature before it counts. */
  readonly minimum: number
}

const KIND = 'robust'
const VERSION = 4
/** No deviation counts as more than this many standard deviations: keeps fourth powers finite. */
const LARGEST = 1e9

/**
 * Robust z-scores against exponentially forgetting medians.
 *
 * Each feature, transformed so that its noise is even, is compared with its median; the unit is the largest of 1.4826·MAD, the
 * distance from the median to the 10 % or 90 % quantile on that side over 1.2816 (so that skewed and mostly-constant
 * features are not taken for quiet ones), and the feature's floors. The raw score is the 4-norm of the z-scores: close to the
 * largest one, yet additive (z⁴), so that the explanation is exact.
 *
 * Fails when: a feature has several normal levels (its scale becomes the distance between them), features are only odd
 * together, or normal operation changes faster than the half-life. Cost O(features) a vector; quantiles are renewed every 16
 * vectors. Memory: about 350 bytes a feature, 450 at the most.
 *
 * Source: B. Iglewicz, D. Hoaglin: How to detect and handle outliers (1993), for the modified z-score.
 */
export class RobustDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: RobustOptions
  readonly #bank: DigestBank
  /** Centre of each feature; then its scale above it; then the one below it. */
  readonly #bands: Float64Array
  readonly #from: number
  #learned = 0

  constructor(options: RobustOptions, room = new Room()) {
    this.#options = options
    this.features = namesOf(options.features)
    const count = options.features.length
    const { numbers, from } = room.float64(3 * count)
    this.#bands = numbers
    this.#from = from
    this.#ownBands.fill(Number.NaN)
    this.#bank = new DigestBank(count, options.halfLife, room)
  }

  get ready(): boolean {
    return this.#learned >= this.#options.minimum
  }

  fit(history: History): void {
    this.#bank.reset()
    this.#ownBands.fill(Number.NaN)
    this.#learned = 0
    for (let i = 0; i < history.count; i++) this.learn(history.row(i))
  }

  observe(): void {}

  learn(vector: Float64Array): void {
    this.#learned++
    for (let i = 0; i < this.features.length; i++) {
      const value = vector[i]!
      if (Number.isNaN(value)) continue
      const full = this.#bank.add(i, transform(this.#options.features[i]!.transform, value))
      if (full || this.#bank.seen(i) === this.#options.minimum) {
        this.#bank.compress(i)
        if (this.#bank.seen(i) >= this.#options.minimum) this.#renew(i)
      }
    }
  }

  score(vector: Float64Array): number {
    if (!this.ready) return 0
    let sum = 0
    for (let i = 0; i < this.features.length; i++) {
      const z = this.#deviation(i, vector)
      sum += z * z * z * z
    }
    return sum ** 0.25
  }

  explain(vector: Float64Array): Explanation {
    const features = this.#options.features
    const parts = new Float64Array(features.length)
    const ready = this.ready
    for (let i = 0; ready && i < parts.length; i++) parts[i] = this.#deviation(i, vector) ** 4
    const total = parts.reduce((a, b) => a + b, 0)
    const quantile = (q: number) =>
      Float64Array.from(features, (feature, i) => inverse(feature.transform, this.#bank.quantile(i, q)))
    return {
      parts: total > 0 ? parts.map((part) => part / total) : parts.fill(0),
      expected: Float64Array.from(features, (f, i) => inverse(f.transform, this.#bands[this.#from + i]!)),
      low: quantile(0.01),
      high: quantile(0.99),
    }
  }

  save(): Uint8Array {
    const layers = new Map([
      optionsLayer(this.#options),
      ['learned', { data: Float64Array.of(this.#learned) }],
      ...this.#bank.layers('digest'),
      ['bands', { data: this.#ownBands, shape: [3, this.features.length] }],
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const count = this.features.length
    const bands = layers.float64('bands', 3 * count)
    const learned = layers.float64('learned', 1)[0]!
    this.#bank.restoreFrom('digest', layers)
    this.#ownBands.set(bands)
    this.#learned = learned
  }

  /** Bad deviation of a feature in standard deviations; 0 when it is missing, unknown, or off in the harmless direction. */
  #deviation(i: number, vector: Float64Array): number {
    const value = vector[i]!
    const center = this.#bands[this.#from + i]!
    if (Number.isNaN(value) || Number.isNaN(center)) return 0
    const feature = this.#options.features[i]!
    const distance = transform(feature.transform, value) - center
    if (distance === 0) return 0
    if (feature.direction !== 'both' && (feature.direction === 'high') !== distance > 0) return 0
    const count = this.features.length
    let scale = this.#bands[this.#from + (distance > 0 ? count : 2 * count) + i]!
    const { samples } = feature
    const counter = samples === undefined ? -1 : this.features.indexOf(samples.feature)
    if (samples !== undefined && counter >= 0)
      scale = sampledScale(scale, samples, (vector[counter]! || 0) * samples.factor, center)
    return Math.min(LARGEST, Math.abs(distance) / scale)
  }

  /** The bands themselves, not a copy. */
  get #ownBands(): Float64Array {
    return this.#bands.subarray(this.#from, this.#from + 3 * this.features.length)
  }

  #renew(i: number): void {
    const feature = this.#options.features[i]!
    const bank = this.#bank
    const center = bank.quantile(i, 0.5)
    const relative = feature.transform === 'linear' ? (feature.relativeFloor ?? 0) * Math.abs(center) : 0
    // The last two keep the scale above the rounding of the values themselves.
    const floor = Math.max(
      1.4826 * bank.deviation(i, center),
      feature.floor,
      relative,
      1e-12 * Math.abs(center),
      1e-300,
    )
    const count = this.features.length
    const at = this.#from + i
    this.#bands[at] = center
    this.#bands[at + count] = Math.max(floor, (bank.quantile(i, 0.9) - center) / 1.2816)
    this.#bands[at + 2 * count] = Math.max(floor, (center - bank.quantile(i, 0.1)) / 1.2816)
  }
}
