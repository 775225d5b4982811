import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { single } from './precision.ts'
import { Room } from './room.ts'

/** Each kept centroid covers at most 1/DELTA of the k1 scale, which bounds their number to DELTA + 1. */
const DELTA = 40
const CENTROIDS = DELTA + 1
const BUFFER = 16
/** Larger values are nobody's level. */
const WILD = 1e30

/**
 * Exponentially forgetting quantiles of many series at once, in fixed memory: 416 bytes a series.
 *
 * A merging t-digest (T. Dunning, O. Ertl: Computing extremely accurate quantiles using t-digests, arXiv 1902.04023, scale
 * function k1) whose weights shrink by 2^(-1/halfLife) with every value of the series. Values gather in a buffer and take
 * effect when it is full, so that quantiles change only every 16 values. Rank error below 1 % around the median and smaller in
 * the tails (tested). Deterministic. NaN is the caller's to leave out.
 *
 * Means are held in single precision relative to the median of late, so that a small noise on a large level is not lost.
 */
export class DigestBank {
  readonly #series: number
  /** What means are relative to; then the values seen by each series, without forgetting. */
  readonly #numbers: Float64Array
  /** Means of the centroids of each series; then their weights. */
  readonly #centroids: Float32Array
  /** Centroids of each series; then its values in the buffer. */
  readonly #counts: Uint32Array
  /** Relative to the origin as well. */
  readonly #buffer: Float32Array
  readonly #decay: number

  constructor(series: number, halfLife: number, room = new Room()) {
    // Few arrays, since each costs 100 bytes beside its numbers.
    this.#series = series
    this.#numbers = room.float64(2 * series)
    this.#centroids = room.float32(2 * series * CENTROIDS)
    this.#counts = room.uint32(2 * series)
    this.#buffer = room.float32(series * BUFFER)
    this.#decay = 2 ** (-1 / halfLife)
  }

  /** Values of a series that have come since its last `compress`. */
  buffered(series: number): number {
    return this.#counts[this.#series + series]!
  }

  /** Values seen by a series, without forgetting. */
  seen(series: number): number {
    return this.#numbers[this.#series + series]!
  }

  /** True when the buffer is full: the caller then calls `compress`. */
  add(series: number, value: number): boolean {
    const buffered = this.#counts[this.#series + series]!++
    // Until the first median is known, the first value is as good.
    if (this.seen(series) === 0 && Math.abs(value) < WILD) this.#numbers[series] = value
    this.#buffer[series * BUFFER + buffered] = single(value - this.#numbers[series]!)
    this.#numbers[this.#series + series]!++
    return buffered + 1 === BUFFER
  }

  compress(series: number): void {
    const fresh = this.#buffer.subarray(series * BUFFER, series * BUFFER + this.buffered(series)).sort()
    const centroids = this.#centroids
    const start = series * CENTROIDS
    const weights = this.#weightsOf(series)
    const origin = this.#numbers[series]!
    const old = this.#counts[series]!
    const fade = this.#decay ** fresh.length
    let total = fresh.length
    for (let i = 0; i < old; i++) {
      scratchMeans[i] = origin + centroids[start + i]!
      scratchWeights[i] = centroids[weights + i]! * fade
      total += scratchWeights[i]!
    }
    let made = 0
    let before = 0
    let limit = total * quantileLimit(0)
    let mean = 0
    let weight = 0
    for (let i = 0, j = 0; i < old || j < fresh.length; ) {
      const takeOld = j >= fresh.length || (i < old && scratchMeans[i]! <= origin + fresh[j]!)
      const nextMean = takeOld ? scratchMeans[i]! : origin + fresh[j]!
      const nextWeight = takeOld ? scratchWeights[i]! : 1
      if (takeOld) i++
      else j++
      if (weight === 0 || before + weight + nextWeight <= limit || made === CENTROIDS - 1) {
        weight += nextWeight
        // Scaled before the difference, which could overflow for values of 1e308.
        mean = mean * (1 - nextWeight / weight) + nextMean * (nextWeight / weight)
        continue
      }
      mergedMeans[made] = mean
      centroids[weights + made++] = weight
      before += weight
      limit = total * quantileLimit(before / total)
      mean = nextMean
      weight = nextWeight
    }
    if (weight > 0) {
      mergedMeans[made] = mean
      centroids[weights + made++] = weight
    }
    this.#counts[series] = made
    this.#counts[this.#series + series] = 0
    this.#keep(series, total)
  }

  /** Forgets everything. */
  reset(): void {
    for (const each of [this.#numbers, this.#centroids, this.#counts, this.#buffer]) each.fill(0)
  }

  /** Quantile of the values that have taken effect, by interpolation between centroids; NaN when there are none. */
  quantile(series: number, q: number): number {
    return this.#numbers[series]! + this.#relative(series, q)
  }

  /**
   * Keeps the centroids in `mergedMeans`, relative to the one that holds the median: where few distinct values come, to one of these.
   *
   * @param total weight of all
   */
  #keep(series: number, total: number): void {
    const start = series * CENTROIDS
    const weights = this.#weightsOf(series)
    const last = this.#counts[series]! - 1
    let middle = 0
    for (let before = this.#centroids[weights]!; before < total / 2 && middle < last; )
      before += this.#centroids[weights + ++middle]!
    const origin = mergedMeans[middle]!
    this.#numbers[series] = origin
    for (let i = 0; i <= last; i++) this.#centroids[start + i] = single(mergedMeans[i]! - origin)
  }

  #relative(series: number, q: number): number {
    const centroids = this.#centroids
    const start = series * CENTROIDS
    const weights = this.#weightsOf(series)
    const count = this.#counts[series]!
    if (count === 0) return Number.NaN
    let total = 0
    for (let i = 0; i < count; i++) total += centroids[weights + i]!
    const target = q * total
    let middle = centroids[weights]! / 2
    if (target <= middle) return centroids[start]!
    for (let i = 1; i < count; i++) {
      const next = middle + (centroids[weights + i - 1]! + centroids[weights + i]!) / 2
      if (target <= next) {
        const part = (target - middle) / (next - middle)
        return centroids[start + i - 1]! * (1 - part) + centroids[start + i]! * part
      }
      middle = next
    }
    return centroids[start + count - 1]!
  }

  /** Median of the absolute deviations from `center`, found by walking outwards from it. */
  deviation(series: number, center: number): number {
    const middle = center - this.#numbers[series]!
    const centroids = this.#centroids
    const start = series * CENTROIDS
    const weights = this.#weightsOf(series)
    const count = this.#counts[series]!
    let total = 0
    let right = 0
    for (let i = 0; i < count; i++) {
      total += centroids[weights + i]!
      if (centroids[start + i]! < middle) right = i + 1
    }
    let left = right - 1
    let inside = 0
    let distance = 0
    while (inside < total / 2 && (left >= 0 || right < count)) {
      const below = left >= 0 ? middle - centroids[start + left]! : Number.POSITIVE_INFINITY
      const above = right < count ? centroids[start + right]! - middle : Number.POSITIVE_INFINITY
      distance = Math.min(below, above)
      inside += below <= above ? centroids[weights + left--]! : centroids[weights + right++]!
    }
    return distance
  }

  layers(name: string): [string, Layer][] {
    return [
      [`${name}.numbers`, { data: this.#numbers, shape: [2, this.#series] }],
      [`${name}.centroids`, { data: this.#centroids, shape: [2, this.#series, CENTROIDS] }],
      [`${name}.counts`, { data: this.#counts, shape: [2, this.#series] }],
      [`${name}.buffer`, { data: this.#buffer, shape: [this.#series, BUFFER] }],
    ]
  }

  /** @throws ModelError, and is then as it was */
  restoreFrom(name: string, layers: Layers): void {
    const series = this.#series
    const numbers = layers.float64(`${name}.numbers`, this.#numbers.length)
    const centroids = layers.float32(`${name}.centroids`, this.#centroids.length)
    const counts = layers.uint32(`${name}.counts`, this.#counts.length)
    const buffer = layers.float32(`${name}.buffer`, this.#buffer.length)
    if (counts.some((count, i) => (i < series ? count > CENTROIDS : count >= BUFFER)))
      throw new ModelError('corrupt', `${name} of more than ${CENTROIDS} centroids or ${BUFFER} values`)
    this.#numbers.set(numbers)
    this.#centroids.set(centroids)
    this.#counts.set(counts)
    this.#buffer.set(buffer)
  }

  /** Where the weights of a series begin. */
  #weightsOf(series: number): number {
    return (this.#series + series) * CENTROIDS
  }
}

const scratchMeans = new Float64Array(CENTROIDS)
const mergedMeans = new Float64Array(CENTROIDS)
const scratchWeights = new Float64Array(CENTROIDS)

/** Largest q that a centroid beginning at `q` may reach: one unit further on the scale k1. */
function quantileLimit(q: number): number {
  const k = (DELTA / (2 * Math.PI)) * Math.asin(Math.min(1, 2 * q - 1)) + 1
  return k >= DELTA / 4 ? 1 : (Math.sin((2 * Math.PI * k) / DELTA) + 1) / 2
}
