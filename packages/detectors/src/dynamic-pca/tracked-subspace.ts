import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { Subspace } from '../pca/subspace.ts'
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
  readonly mean: Float32Array
  /** One component after the other, each of length 1, the strongest first. */
  readonly #components: Float32Array
  readonly #variances: Float64Array
  readonly #weight: number
  readonly #rest: Float64Array
  #size = 0
  #count = 0

  /**
   * @param components at the most; one dimension is always left over
   * @param halfLife learned vectors after which a vector weighs half; while there are fewer, all weigh the same
   */
  constructor(
    width: number,
    { components, halfLife }: { readonly components: number; readonly halfLife: number },
    room = new Room(),
  ) {
    const most = Math.max(0, Math.min(components, width - 1))
    this.mean = room.float32(width)
    this.#components = room.float32(most * width)
    this.#variances = room.float64(most)
    this.#weight = 1 - 2 ** (-1 / halfLife)
    this.#rest = rests.of(width)
  }

  /** Vectors learned, those of the history included. */
  get count(): number {
    return this.#count
  }

  /** How many components there are. */
  get size(): number {
    return this.#size
  }

  /** As `Subspace.fit`. */
  fit(values: Float64Array, stride: number, share: number): void {
    const width = this.mean.length
    const subspace = new Subspace(width)
    subspace.fit(values, stride, share, this.#variances.length)
    this.mean.set(subspace.mean)
    this.#components.set(subspace.components)
    this.#size = subspace.components.length / width
    this.#variances.fill(0)
    this.#count = Math.max(0, Math.floor((values.length - width) / stride) + 1)
    for (let row = 0; row < this.#count; row++)
      for (let k = 0; k < this.#size; k++) {
        let length = 0
        for (let i = 0; i < width; i++)
          length += this.#components[k * width + i]! * (values[row * stride + i]! - this.mean[i]!)
        this.#variances[k]! += (length * length) / this.#count
      }
  }

  /**
   * Writes to `out` what the components leave of the last values of a vector, given all of it.
   *
   * @param before the values before them, and perhaps more, @param last as many as `out` has room for
   */
  residual(before: Float32Array | Float64Array, last: Float64Array, out: Float64Array): void {
    const mean = this.mean
    const components = this.#components
    const width = mean.length
    const from = width - last.length
    const distances = this.#rest
    for (let i = 0; i < from; i++) distances[i] = before[i]! - mean[i]!
    for (let i = from; i < width; i++) {
      const distance = last[i - from]! - mean[i]!
      distances[i] = distance
      out[i - from] = distance
    }
    for (let at = 0; at < this.#size * width; at += width) {
      let reach = 0
      for (let i = 0; i < from; i++) reach += components[at + i]! * distances[i]!
      let along = 0
      for (let i = from; i < width; i++) along += components[at + i]! * distances[i]!
      along += reach
      for (let i = from; i < width; i++) out[i - from]! -= along * components[at + i]!
    }
  }

  learn(vector: Float32Array): void {
    const mean = this.mean
    const components = this.#components
    const size = this.#size
    const width = mean.length
    const rest = this.#rest
    const weight = Math.max(this.#weight, 1 / ++this.#count)
    let along = 0
    for (let i = 0; i < width; i++) {
      const distance = vector[i]! - mean[i]!
      rest[i] = distance
      mean[i]! += weight * distance
      if (size > 0) along += components[i]! * distance
    }
    for (let k = 0; k < size; k++) {
      const from = k * width
      const kept = (1 - weight) * this.#variances[k]!
      let square = 0
      let left = 0
      const pull = weight * along
      for (let i = 0; i < width; i++) {
        const turned = kept * components[from + i]! + pull * rest[i]!
        components[from + i] = turned
        square += turned * turned
        left += turned * rest[i]!
      }
      const variance = Math.max(SMALLEST, Math.sqrt(square))
      this.#variances[k] = variance
      const share = left / variance
      // In the same pass: how long what is left is along the next component. The last one has none, and nobody asks.
      const next = k + 1 < size ? from + width : from
      along = 0
      for (let i = 0; i < width; i++) {
        const component = components[from + i]! / variance
        components[from + i] = component
        const distance = rest[i]! - share * component
        rest[i] = distance
        along += components[next + i]! * distance
      }
    }
  }

  layers(): [string, Layer][] {
    const width = this.mean.length
    return [
      ['subspace.count', { data: Float64Array.of(this.#count) }],
      ['subspace.mean', { data: this.mean }],
      ['subspace.variances', { data: this.#variances.subarray(0, this.#size) }],
      [
        'subspace.components',
        { data: this.#components.subarray(0, this.#size * width), shape: [this.#size, width] },
      ],
    ]
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(layers: Layers): () => void {
    const count = layers.float64('subspace.count', 1)[0]!
    const mean = layers.float32('subspace.mean', this.mean.length)
    const variances = layers.float64('subspace.variances')
    const components = layers.float32('subspace.components', variances.length * mean.length)
    if (!(count >= 0)) throw new ModelError('corrupt', `components of ${count} vectors`)
    if (variances.length > this.#variances.length)
      throw new ModelError(
        'foreign',
        `${variances.length} components, expected ${this.#variances.length} at the most`,
      )
    return () => {
      this.#count = count
      this.#size = variances.length
      this.mean.set(mean)
      this.#variances.set(variances)
      this.#components.set(components)
    }
  }
}
