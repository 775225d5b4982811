import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { single } from './precision.ts'

/** Each kept centroid covers at most 1/DELTA of the k1 scale, which bounds their number to DELTA + 1. */
const DELTA = 40
const CENTROIDS = DELTA + 1
const BUFFER = 32

/**
 * Exponentially forgetting quantiles of many series at once, in fixed memory: 608 bytes a series.
 *
 * A merging t-digest (T. Dunning, O. Ertl: Computing extremely accurate quantiles using t-digests, arXiv 1902.04023, scale
 * function k1) whose weights shrink by 2^(-1/halfLife) with every value of the series. Values gather in a buffer and take
 * effect when it is full, so that quantiles change only every 32 values. Rank error below 1 % around the median and smaller in
 * the tails (tested). Deterministic. NaN is the caller's to leave out.
 *
 * Means are held in single precision relative to the median of late, so that a small noise on a large level is not lost.
 */
export class DigestBank {
  /** Values that have come since the last `compress`. */
  readonly buffered: Uint32Array
  /** Values seen by each series, without forgetting. */
  readonly seen: Float64Array
  /** What means are relative to. */
  readonly #origins: Float64Array
  readonly #means: Float32Array
  readonly #weights: Float32Array
  readonly #counts: Uint32Array
  readonly #buffer: Float64Array
  readonly #decay: number

  constructor(series: number, halfLife: number) {
    this.#origins = new Float64Array(series)
    this.#means = new Float32Array(series * CENTROIDS)
    this.#weights = new Float32Array(series * CENTROIDS)
    this.#counts = new Uint32Array(series)
    this.#buffer = new Float64Array(series * BUFFER)
    this.buffered = new Uint32Array(series)
    this.seen = new Float64Array(series)
    this.#decay = 2 ** (-1 / halfLife)
  }

  /** True when the buffer is full: the caller then calls `compress`. */
  add(series: number, value: number): boolean {
    this.#buffer[series * BUFFER + this.buffered[series]!++] = value
    this.seen[series]!++
    return this.buffered[series] === BUFFER
  }

  compress(series: number): void {
    const fresh = this.#buffer.subarray(series * BUFFER, series * BUFFER + this.buffered[series]!).sort()
    const start = series * CENTROIDS
    const old = this.#counts[series]!
    const fade = this.#decay ** fresh.length
    let total = fresh.length
    for (let i = 0; i < old; i++) {
      scratchMeans[i] = this.#origins[series]! + this.#means[start + i]!
      scratchWeights[i] = this.#weights[start + i]! * fade
      total += scratchWeights[i]!
    }
    let made = 0
    let before = 0
    let limit = total * quantileLimit(0)
    let mean = 0
    let weight = 0
    for (let i = 0, j = 0; i < old || j < fresh.length; ) {
      const takeOld = j >= fresh.length || (i < old && scratchMeans[i]! <= fresh[j]!)
      const nextMean = takeOld ? scratchMeans[i]! : fresh[j]!
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
      this.#weights[start + made++] = weight
      before += weight
      limit = total * quantileLimit(before / total)
      mean = nextMean
      weight = nextWeight
    }
    if (weight > 0) {
      mergedMeans[made] = mean
      this.#weights[start + made++] = weight
    }
    this.#counts[series] = made
    this.buffered[series] = 0
    this.#keep(series, total)
  }

  /** Quantile of the values that have taken effect, by interpolation between centroids; NaN when there are none. */
  quantile(series: number, q: number): number {
    return this.#origins[series]! + this.#relative(series, q)
  }

  /**
   * Keeps the centroids in `mergedMeans`, relative to the one that holds the median: where few distinct values come, to one of these.
   *
   * @param total weight of all
   */
  #keep(series: number, total: number): void {
    const start = series * CENTROIDS
    const last = this.#counts[series]! - 1
    let middle = 0
    for (let before = this.#weights[start]!; before < total / 2 && middle < last; )
      before += this.#weights[start + ++middle]!
    const origin = mergedMeans[middle]!
    this.#origins[series] = origin
    for (let i = 0; i <= last; i++) this.#means[start + i] = single(mergedMeans[i]! - origin)
  }

  #relative(series: number, q: number): number {
    const start = series * CENTROIDS
    const count = this.#counts[series]!
    if (count === 0) return Number.NaN
    let total = 0
    for (let i = 0; i < count; i++) total += this.#weights[start + i]!
    const target = q * total
    let middle = this.#weights[start]! / 2
    if (target <= middle) return this.#means[start]!
    for (let i = 1; i < count; i++) {
      const next = middle + (this.#weights[start + i - 1]! + this.#weights[start + i]!) / 2
      if (target <= next) {
        const part = (target - middle) / (next - middle)
        return this.#means[start + i - 1]! * (1 - part) + this.#means[start + i]! * part
      }
      middle = next
    }
    return this.#means[start + count - 1]!
  }

  /** Median of the absolute deviations from `center`, found by walking outwards from it. */
  deviation(series: number, center: number): number {
    const middle = center - this.#origins[series]!
    const start = series * CENTROIDS
    const count = this.#counts[series]!
    let total = 0
    let right = 0
    for (let i = 0; i < count; i++) {
      total += this.#weights[start + i]!
      if (this.#means[start + i]! < middle) right = i + 1
    }
    let left = right - 1
    let inside = 0
    let distance = 0
    while (inside < total / 2 && (left >= 0 || right < count)) {
      const below = left >= 0 ? middle - this.#means[start + left]! : Number.POSITIVE_INFINITY
      const above = right < count ? this.#means[start + right]! - middle : Number.POSITIVE_INFINITY
      distance = Math.min(below, above)
      inside += below <= above ? this.#weights[start + left--]! : this.#weights[start + right++]!
    }
    return distance
  }

  layers(name: string): [string, Layer][] {
    const series = this.seen.length
    return [
      [`${name}.origins`, { data: this.#origins }],
      [`${name}.means`, { data: this.#means, shape: [series, CENTROIDS] }],
      [`${name}.weights`, { data: this.#weights, shape: [series, CENTROIDS] }],
      [`${name}.counts`, { data: this.#counts }],
      [`${name}.buffer`, { data: this.#buffer, shape: [series, BUFFER] }],
      [`${name}.buffered`, { data: this.buffered }],
      [`${name}.seen`, { data: this.seen }],
    ]
  }

  /** @throws ModelError, and is then as it was */
  restoreFrom(name: string, layers: Layers): void {
    const series = this.seen.length
    const origins = layers.float64(`${name}.origins`, series)
    const means = layers.float32(`${name}.means`, this.#means.length)
    const weights = layers.float32(`${name}.weights`, this.#weights.length)
    const counts = layers.uint32(`${name}.counts`, series)
    const buffer = layers.float64(`${name}.buffer`, this.#buffer.length)
    const buffered = layers.uint32(`${name}.buffered`, series)
    const seen = layers.float64(`${name}.seen`, series)
    if (counts.some((count) => count > CENTROIDS) || buffered.some((count) => count >= BUFFER))
      throw new ModelError('corrupt', `${name} of more than ${CENTROIDS} centroids or ${BUFFER} values`)
    this.#origins.set(origins)
    this.#means.set(means)
    this.#weights.set(weights)
    this.#counts.set(counts)
    this.#buffer.set(buffer)
    this.buffered.set(buffered)
    this.seen.set(seen)
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
