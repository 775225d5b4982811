import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { decayOf } from './half-life.ts'
import { single } from './precision.ts'
import { Room } from './room.ts'

/** Each kept centroid covers at most 1/DELTA of the k1 scale, which bounds their number to DELTA + 1. */
const DELTA = 40
const CENTROIDS = DELTA + 1
/** Centroids of a series for which there is room at first, on average: 25 to 30 are usual, more of a series that drifts. */
const USUAL = 26
const BUFFER = 16
/** Larger values are nobody's level. */
const WILD = 1e30

/**
 * Exponentially forgetting quantiles of many series at once, in bounded memory: about 320 bytes a series, 416 at the most.
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
  readonly #halfLife: number
  /** What means are relative to; then the values seen by each series, without forgetting. */
  readonly #numbers: Float64Array
  readonly #origins: number
  /**
   * Centroids of each series; then its values in the buffer; then the buffers, relative to the origin as well; then, of one series after the
   * other, the means of its centroids and their weights. These lie close together, since few series have as many as they may; where there are
   * several, the array is their own and grows with what they have.
   */
  #cells: Float32Array
  readonly #from: number
  /** Centroids of all series that there is room for. */
  #capacity: number

  constructor(series: number, halfLife: number, room = new Room()) {
    this.#series = series
    this.#halfLife = halfLife
    const numbers = room.float64(2 * series)
    this.#numbers = numbers.numbers
    this.#origins = numbers.from
    this.#capacity = series === 1 ? CENTROIDS : USUAL * series
    const cells = (series === 1 ? room : new Room()).float32(this.#size)
    this.#cells = cells.numbers
    this.#from = cells.from
  }

  /** Values of a series that have come since its last `compress`. */
  buffered(series: number): number {
    return this.#cells[this.#from + this.#series + series]!
  }

  /** Values seen by a series, without forgetting. */
  seen(series: number): number {
    return this.#numbers[this.#origins + this.#series + series]!
  }

  /** True when the buffer is full: the caller then calls `compress`. */
  add(series: number, value: number): boolean {
    const numbers = this.#numbers
    const origin = this.#origins + series
    const buffered = this.#cells[this.#from + this.#series + series]!++
    // Until the first median is known, the first value is as good.
    if (this.seen(series) === 0 && Math.abs(value) < WILD) numbers[origin] = value
    this.#cells[this.#bufferOf(series) + buffered] = single(value - numbers[origin]!)
    numbers[origin + this.#series]!++
    return buffered + 1 === BUFFER
  }

  compress(series: number): void {
    const buffer = this.#bufferOf(series)
    const fresh = this.#cells.subarray(buffer, buffer + this.buffered(series)).sort()
    const origin = this.#numbers[this.#origins + series]!
    const old = this.#count(series)
    const means = this.#meansOf(series)
    const fade = decayOf(this.#halfLife) ** fresh.length
    let total = fresh.length
    for (let i = 0; i < old; i++) {
      scratchMeans[i] = origin + this.#cells[means + i]!
      scratchWeights[i] = this.#cells[means + old + i]! * fade
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
      mergedWeights[made++] = weight
      before += weight
      limit = total * quantileLimit(before / total)
      mean = nextMean
      weight = nextWeight
    }
    if (weight > 0) {
      mergedMeans[made] = mean
      mergedWeights[made++] = weight
    }
    this.#cells[this.#from + this.#series + series] = 0
    this.#keep(series, made, total)
  }

  /** Forgets everything. */
  reset(): void {
    this.#numbers.fill(0, this.#origins, this.#origins + 2 * this.#series)
    this.#cells.fill(0, this.#from, this.#from + this.#size)
  }

  /** Quantile of the values that have taken effect, by interpolation between centroids; NaN when there are none. */
  quantile(series: number, q: number): number {
    return this.#numbers[this.#origins + series]! + this.#relative(series, q)
  }

  /**
   * Keeps the `count` centroids in `mergedMeans`, relative to the one that holds the median: where few distinct values come, to one of these.
   *
   * @param total weight of all
   */
  #keep(series: number, count: number, total: number): void {
    let middle = 0
    for (let before = mergedWeights[0]!; before < total / 2 && middle < count - 1; )
      before += mergedWeights[++middle]!
    const origin = mergedMeans[middle]!
    this.#numbers[this.#origins + series] = origin
    this.#makeRoom(series, count)
    const means = this.#meansOf(series)
    for (let i = 0; i < count; i++) {
      this.#cells[means + i] = single(mergedMeans[i]! - origin)
      this.#cells[means + count + i] = mergedWeights[i]!
    }
  }

  #relative(series: number, q: number): number {
    const centroids = this.#cells
    const start = this.#meansOf(series)
    const count = this.#count(series)
    const weights = start + count
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
    const middle = center - this.#numbers[this.#origins + series]!
    const centroids = this.#cells
    const start = this.#meansOf(series)
    const count = this.#count(series)
    const weights = start + count
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
    const series = this.#series
    const centroids = new Float32Array(2 * series * CENTROIDS)
    for (let i = 0, means = this.#meansOf(0); i < series; means += 2 * this.#count(i++)) {
      const weights = means + this.#count(i)
      centroids.set(this.#cells.subarray(means, weights), i * CENTROIDS)
      centroids.set(this.#cells.subarray(weights, weights + this.#count(i)), (series + i) * CENTROIDS)
    }
    const numbers = this.#numbers.subarray(this.#origins, this.#origins + 2 * series)
    const counts = Uint32Array.from(this.#cells.subarray(this.#from, this.#bufferOf(0)))
    const buffer = this.#cells.subarray(this.#bufferOf(0), this.#bufferOf(series))
    return [
      [`${name}.numbers`, { data: numbers, shape: [2, series] }],
      [`${name}.centroids`, { data: centroids, shape: [2, series, CENTROIDS] }],
      [`${name}.counts`, { data: counts, shape: [2, series] }],
      [`${name}.buffer`, { data: buffer, shape: [series, BUFFER] }],
    ]
  }

  /** @throws ModelError, and is then as it was */
  restoreFrom(name: string, layers: Layers): void {
    const series = this.#series
    const numbers = layers.float64(`${name}.numbers`, 2 * series)
    const centroids = layers.float32(`${name}.centroids`, 2 * series * CENTROIDS)
    const counts = layers.uint32(`${name}.counts`, 2 * series)
    const buffer = layers.float32(`${name}.buffer`, series * BUFFER)
    if (counts.some((count, i) => (i < series ? count > CENTROIDS : count >= BUFFER)))
      throw new ModelError('corrupt', `${name} of more than ${CENTROIDS} centroids or ${BUFFER} values`)
    this.#numbers.set(numbers, this.#origins)
    for (let i = 0; i < series; i++) {
      const count = counts[i]!
      this.#makeRoom(i, count)
      const means = this.#meansOf(i)
      this.#cells.set(centroids.subarray(i * CENTROIDS, i * CENTROIDS + count), means)
      const weights = (series + i) * CENTROIDS
      this.#cells.set(centroids.subarray(weights, weights + count), means + count)
      this.#cells[this.#from + series + i] = counts[series + i]!
    }
    this.#cells.set(buffer, this.#bufferOf(0))
  }

  get #size(): number {
    return (2 + BUFFER) * this.#series + 2 * this.#capacity
  }

  /** Centroids of a series. */
  #count(series: number): number {
    return this.#cells[this.#from + series]!
  }

  /** Where the buffer of a series begins. */
  #bufferOf(series: number): number {
    return this.#from + 2 * this.#series + series * BUFFER
  }

  /** Where the means of a series begin, and its weights after these; of the one after the last: where the room that is left begins. */
  #meansOf(series: number): number {
    let at = this.#bufferOf(this.#series)
    for (let i = 0; i < series; i++) at += 2 * this.#cells[this.#from + i]!
    return at
  }

  /** Room for `count` centroids of a series; what was in it is lost, and what comes after it moves. */
  #makeRoom(series: number, count: number): void {
    const more = count - this.#count(series)
    if (more === 0) return
    const end = this.#meansOf(this.#series)
    const next = this.#meansOf(series) + 2 * this.#count(series)
    this.#grow(end + 2 * more - this.#from)
    this.#cells.copyWithin(next + 2 * more, next, end)
    this.#cells[this.#from + series] = count
  }

  /** To at least so many cells, a centroid of each series at a time. */
  #grow(cells: number): void {
    if (this.#size >= cells) return
    while (this.#size < cells) this.#capacity += this.#series
    const before = this.#cells
    this.#cells = new Float32Array(this.#size)
    this.#cells.set(before)
  }
}

const scratchMeans = new Float64Array(CENTROIDS)
const mergedMeans = new Float64Array(CENTROIDS)
const mergedWeights = new Float32Array(CENTROIDS)
const scratchWeights = new Float64Array(CENTROIDS)

/** Largest q that a centroid beginning at `q` may reach: one unit further on the scale k1. */
function quantileLimit(q: number): number {
  const k = (DELTA / (2 * Math.PI)) * Math.asin(Math.min(1, 2 * q - 1)) + 1
  return k >= DELTA / 4 ? 1 : (Math.sin((2 * Math.PI * k) / DELTA) + 1) / 2
}
