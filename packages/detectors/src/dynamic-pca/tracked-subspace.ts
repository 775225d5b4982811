import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { Subspace } from '../pca/subspace.ts'
import { decayOf } from '../statistics/half-life.ts'
import { Room } from '../statistics/room.ts'
import { Scratch } from '../statistics/scratch.ts'

/** Variance of a component at the least, so that one that was never seen can still be divided by it. */
const SMALLEST = 1e-12
const rests = new Scratch()

/**
 * The directions in which vectors vary most, learned from a history and then from one vector after the other: each component is
 * turned towards what a vector has left when the components before it are taken out (CCIPCA, J. Weng et al.: Candid
 * covariance-free incremental principal component analysis, PAMI 2003, with exponential forgetting).
 *
 * No covariance is kept. Cost O(components × width) a vector; single precision, since a component of length 1 needs no more.
 */
export class TrackedSubspace {
  readonly #width: number
  /** Components at the most. */
  readonly #most: number
  /** The mean; then one component after the other, each of length 1, the strongest first. */
  readonly #singles: Float32Array
  readonly #mean: number
  /** Vectors learned; then the variance of each component. */
  readonly #doubles: Float64Array
  readonly #count: number
  readonly #halfLife: number
  readonly #rest: Float64Array
  #size = 0

  /**
   * @param components at the most; one dimension is always left over
   * @param halfLife learned vectors after which a vector weighs half; while there are fewer, all weigh the same
   */
  constructor(
    width: number,
    { components, halfLife }: { readonly components: number; readonly halfLife: number },
    room = new Room(),
  ) {
    this.#width = width
    this.#most = Math.max(0, Math.min(components, width - 1))
    const singles = room.float32((1 + this.#most) * width)
    this.#singles = singles.numbers
    this.#mean = singles.from
    const doubles = room.float64(1 + this.#most)
    this.#doubles = doubles.numbers
    this.#count = doubles.from
    this.#halfLife = halfLife
    this.#rest = rests.of(width)
  }

  /** Vectors learned, those of the history included. */
  get count(): number {
    return this.#doubles[this.#count]!
  }

  /** How many components there are. */
  get size(): number {
    return this.#size
  }

  /** As `Subspace.fit`. */
  fit(values: Float64Array, stride: number, share: number): void {
    const width = this.#width
    const subspace = new Subspace(width)
    subspace.fit(values, stride, share, this.#most)
    const count = Math.max(0, Math.floor((values.length - width) / stride) + 1)
    this.#size = subspace.components.length / width
    this.#doubles[this.#count] = count
    const { mean, components, variances } = this.#parts()
    mean.set(subspace.mean)
    components.set(subspace.components)
    variances.fill(0)
    for (let row = 0; row < count; row++)
      for (let k = 0; k < this.#size; k++) {
        let length = 0
        for (let i = 0; i < width; i++)
          length += components[k * width + i]! * (values[row * stride + i]! - mean[i]!)
        variances[k]! += (length * length) / count
      }
  }

  /**
   * Writes to `out` what the components leave of the last values of a vector, given all of it.
   *
   * @param before from `start` on the values before them, @param last as many as `out` has room for
   */
  residual(before: Float32Array | Float64Array, start: number, last: Float64Array, out: Float64Array): void {
    const singles = this.#singles
    const mean = this.#mean
    const width = this.#width
    const from = width - last.length
    const distances = this.#rest
    for (let i = 0; i < from; i++) distances[i] = before[start + i]! - singles[mean + i]!
    for (let i = from; i < width; i++) {
      const distance = last[i - from]! - singles[mean + i]!
      distances[i] = distance
      out[i - from] = distance
    }
    const end = mean + (1 + this.#size) * width
    let at = mean + width
    // Four components at a time: one sum by itself waits for each addition before the next.
    for (; at + 3 * width < end; at += 4 * width) {
      const [b, c, d] = [at + width, at + 2 * width, at + 3 * width]
      let [alongA, alongB, alongC, alongD] = [0, 0, 0, 0]
      for (let i = 0; i < width; i++) {
        const distance = distances[i]!
        alongA += singles[at + i]! * distance
        alongB += singles[b + i]! * distance
        alongC += singles[c + i]! * distance
        alongD += singles[d + i]! * distance
      }
      for (let i = from; i < width; i++)
        out[i - from]! -=
          alongA * singles[at + i]! +
          alongB * singles[b + i]! +
          alongC * singles[c + i]! +
          alongD * singles[d + i]!
    }
    for (; at < end; at += width) {
      let along = 0
      for (let i = 0; i < width; i++) along += singles[at + i]! * distances[i]!
      for (let i = from; i < width; i++) out[i - from]! -= along * singles[at + i]!
    }
  }

  /** @param vectors where the vector begins at `start` */
  learn(vectors: Float32Array, start: number): void {
    const singles = this.#singles
    const variances = this.#count + 1
    const mean = this.#mean
    const size = this.#size
    const width = this.#width
    const rest = this.#rest
    const weight = Math.max(1 - decayOf(this.#halfLife), 1 / ++this.#doubles[this.#count]!)
    let along = 0
    for (let i = 0; i < width; i++) {
      const distance = vectors[start + i]! - singles[mean + i]!
      rest[i] = distance
      singles[mean + i]! += weight * distance
      if (size > 0) along += singles[mean + width + i]! * distance
    }
    for (let k = 0; k < size; k++) {
      const from = mean + (1 + k) * width
      const kept = (1 - weight) * this.#doubles[variances + k]!
      let square = 0
      let left = 0
      const pull = weight * along
      for (let i = 0; i < width; i++) {
        const turned = kept * singles[from + i]! + pull * rest[i]!
        singles[from + i] = turned
        square += turned * turned
        left += turned * rest[i]!
      }
      const variance = Math.max(SMALLEST, Math.sqrt(square))
      this.#doubles[variances + k] = variance
      const share = left / variance
      // In the same pass: how long what is left is along the next component. The last one has none, and nobody asks.
      const next = k + 1 < size ? from + width : from
      along = 0
      for (let i = 0; i < width; i++) {
        const component = singles[from + i]! / variance
        singles[from + i] = component
        const distance = rest[i]! - share * component
        rest[i] = distance
        along += singles[next + i]! * distance
      }
    }
  }

  layers(): [string, Layer][] {
    const { mean, components, variances } = this.#parts()
    return [
      ['subspace.count', { data: Float64Array.of(this.count) }],
      ['subspace.mean', { data: mean }],
      ['subspace.variances', { data: variances.subarray(0, this.#size) }],
      [
        'subspace.components',
        { data: components.subarray(0, this.#size * this.#width), shape: [this.#size, this.#width] },
      ],
    ]
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(layers: Layers): () => void {
    const count = layers.float64('subspace.count', 1)[0]!
    const mean = layers.float32('subspace.mean', this.#width)
    const variances = layers.float64('subspace.variances')
    const components = layers.float32('subspace.components', variances.length * this.#width)
    if (!(count >= 0)) throw new ModelError('corrupt', `components of ${count} vectors`)
    if (variances.length > this.#most)
      throw new ModelError('foreign', `${variances.length} components, expected ${this.#most} at the most`)
    return () => {
      this.#doubles[this.#count] = count
      this.#size = variances.length
      const own = this.#parts()
      own.mean.set(mean)
      own.variances.set(variances)
      own.components.set(components)
    }
  }

  /** The numbers themselves, not copies. */
  #parts() {
    const components = this.#mean + this.#width
    const variances = this.#count + 1
    return {
      mean: this.#singles.subarray(this.#mean, components),
      components: this.#singles.subarray(components, components + this.#most * this.#width),
      variances: this.#doubles.subarray(variances, variances + this.#most),
    }
  }
}
