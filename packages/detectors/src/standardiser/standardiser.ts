import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { type Feature, inverse, transform } from '../feature.ts'
import type { History } from '../history.ts'
import { Room } from '../statistics/room.ts'
import { Scratch } from '../statistics/scratch.ts'

/** Standard deviations beyond which a value is no longer told from one farther off. */
const LIMIT = 1e3
/** The same in the direction that is harmless: there a value is never unusual. */
const HARMLESS = 2
/** Shares of the values, on either side, whose distance does not widen the scale. */
const TRIMMED = 0.0005
/** Values of a feature that say what is usual of it. */
const ENOUGH = 20
/** The vector that was standardised last, and what became of it: detectors that share a standardiser ask one after the other. */
const last: { by: Standardiser | undefined; vector: Float64Array; out: Float64Array } = {
  by: undefined,
  vector: new Float64Array(0),
  out: new Float64Array(0),
}
const vectors = new Scratch()
const outs = new Scratch()

/**
 * Vectors → vectors in standard deviations from the median of each transformed feature, ready for algorithms that compare
 * features with one another. The one place where missing and constant features are handled: a missing value becomes 0 (as
 * normal as can be), and so does every value of a feature that was seen less than 20 times, until it is fitted anew; a feature that is constant
 * gets its floors as scale, nothing is larger than ±1000, and what is off in the harmless direction is drawn in to 2.
 */
export class Standardiser {
  readonly #features: readonly Feature[]
  /** Centre of each feature; then its scale, 0 where nothing is known of it. */
  readonly #usual: Float64Array
  /** Where the centres begin in it, and the scales. */
  readonly #centers: number
  readonly #scales: number

  constructor(features: readonly Feature[], room = new Room()) {
    this.#features = features
    const { numbers, from } = room.float64(2 * features.length)
    this.#usual = numbers
    this.#centers = from
    this.#scales = from + features.length
    numbers.fill(1, this.#scales, this.#scales + features.length)
  }

  fit(history: History): void {
    this.#forgetLast()
    for (const [i, feature] of this.#features.entries()) {
      const values: number[] = []
      for (let row = 0; row < history.count; row++) {
        const value = history.values[row * history.width + i]!
        if (!Number.isNaN(value)) values.push(transform(feature.transform, value))
      }
      const sorted = Float64Array.from(values).sort()
      const center = sorted[sorted.length >> 1] ?? 0
      if (sorted.length < Math.min(ENOUGH, history.count)) {
        this.#usual[this.#centers + i] = 0
        this.#usual[this.#scales + i] = 0
        continue
      }
      const relative = feature.transform === 'linear' ? (feature.relativeFloor ?? 0) * Math.abs(center) : 0
      this.#usual[this.#centers + i] = center
      // The last two keep the scale above the rounding of the values themselves.
      this.#usual[this.#scales + i] = Math.max(
        deviation(sorted, center),
        feature.floor,
        relative,
        1e-12 * Math.abs(center),
        1e-300,
      )
    }
  }

  /** Writes the standardised vector to `out`. */
  apply(vector: Float64Array, out: Float64Array): void {
    const usual = this.#usual
    const centers = this.#centers
    const scales = this.#scales
    const width = this.#features.length
    if (last.by === this && same(last.vector, vector)) {
      out.set(last.out)
      return
    }
    last.by = undefined
    last.vector = vectors.of(width)
    last.vector.set(vector)
    for (let i = 0; i < width; i++) {
      const value = vector[i]!
      const feature = this.#features[i]!
      const scale = usual[scales + i]!
      const z = scale === 0 ? 0 : (transform(feature.transform, value) - usual[centers + i]!) / scale
      const lowest = feature.direction === 'high' ? -HARMLESS : -LIMIT
      const highest = feature.direction === 'low' ? HARMLESS : LIMIT
      out[i] = Number.isNaN(value) ? 0 : Math.max(lowest, Math.min(highest, z))
    }
    last.by = this
    last.out = outs.of(width)
    last.out.set(out)
  }

  /** The same, with NaN where a value is missing. */
  applyKnown(vector: Float64Array, out: Float64Array): void {
    this.apply(vector, out)
    for (let i = 0; i < out.length; i++) if (Number.isNaN(vector[i]!)) out[i] = Number.NaN
  }

  /** All rows of a history, standardised, one after the other. */
  applyAll(history: History): Float64Array {
    const { width } = history
    const out = new Float64Array(history.count * width)
    for (let i = 0; i < history.count; i++)
      this.apply(history.row(i), out.subarray(i * width, (i + 1) * width))
    return out
  }

  /** A standardised value of feature `i` in the feature's unit. */
  restore(i: number, z: number): number {
    const scale = this.#usual[this.#scales + i]!
    return inverse(this.#features[i]!.transform, this.#usual[this.#centers + i]! + z * scale)
  }

  /** Whether a deviation of feature `i` of this sign is no trouble. */
  harmless(i: number, deviation: number): boolean {
    const { direction } = this.#features[i]!
    return direction === 'high' ? deviation < 0 : direction === 'low' && deviation > 0
  }

  /** How far off a deviation of feature `i` is: its size, 0 where it is no trouble. */
  off(i: number, deviation: number): number {
    return this.harmless(i, deviation) ? 0 : Math.abs(deviation)
  }

  layers(): [string, Layer][] {
    const usual = this.#usual.subarray(this.#centers, this.#scales + this.#features.length)
    return [['standardiser', { data: usual, shape: [2, this.#features.length] }]]
  }

  /** @throws ModelError, and is then as it was */
  restoreFrom(layers: Layers): void {
    this.#usual.set(layers.float64('standardiser', 2 * this.#features.length), this.#centers)
    this.#forgetLast()
  }

  /** To be called before what is usual changes. */
  #forgetLast(): void {
    if (last.by === this) last.by = undefined
  }
}

function same(before: Float64Array, vector: Float64Array): boolean {
  for (let i = 0; i < before.length; i++) if (!Object.is(before[i], vector[i])) return false
  return true
}

/** Root mean square distance from `center`, of values drawn in to the trimmed range; finite for values of 1e308. */
function deviation(sorted: Float64Array, center: number): number {
  if (sorted.length === 0) return 0
  const cut = Math.floor(TRIMMED * sorted.length)
  const low = sorted[cut]!
  const high = sorted[sorted.length - 1 - cut]!
  const largest = Math.max(high - center, center - low)
  if (!(largest > 0)) return 0
  if (!Number.isFinite(largest)) return Number.MAX_VALUE
  let sum = 0
  for (const value of sorted) sum += ((Math.max(low, Math.min(high, value)) - center) / largest) ** 2
  return largest * Math.sqrt(sum / sorted.length)
}
