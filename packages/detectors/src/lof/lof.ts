import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { explainShares } from '../residual/shares.ts'
import { drawnIn } from '../standardiser/draw-in.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { seeded } from '../statistics/sampling.ts'
import { Nearest } from './nearest.ts'
import { reservoir } from './reservoir.ts'

export interface LofOptions {
  readonly features: readonly Feature[]
  readonly seed: number
  /** Vectors of the history that are kept to compare with. */
  readonly references?: number
  /** Neighbours that the density is taken from. */
  readonly neighbours?: number
}

const KIND = 'lof'
const VERSION = 2
const REFERENCES = 256
const NEIGHBOURS = 20
const MINIMUM = 30
/** Smallest mean reachability distance, in standard deviations: among equal vectors the first jitter is no outlier. */
const SMALLEST = 0.01

/**
 * Local outlier factor: how much thinner the vectors lie around this one than around its nearest neighbours. Sees what is far
 * from a dense cluster by that cluster's own measure, where a global distance would be blinded by a wide one.
 *
 * Compared with a fixed number of references, drawn evenly from the history; not learned from later. Raw score: the factor,
 * about 1 for what is normal. Not monotone: as a vector moves from one cluster to another the factor may fall. Fails when as
 * many anomalies as neighbours lie close together in the history, and in many dimensions, where all distances are alike. The
 * explanation is each feature's share in the squared distances to the neighbours. Cost O(references × features) a vector,
 * O(references² × features) to fit; state 8·references·(features + 2) bytes.
 *
 * Source: M. Breunig, H.-P. Kriegel, R. Ng, J. Sander: LOF, identifying density-based local outliers (SIGMOD 2000).
 */
export class LofDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: Required<LofOptions>
  readonly #standardiser: Standardiser
  readonly #vector: Float64Array
  readonly #nearest: Nearest
  #count = 0
  #references: Float64Array
  /** Of each reference: distance to its last neighbour. */
  #reach: Float64Array
  /** Of each reference: inverse of its mean reachability distance. */
  #density: Float64Array

  constructor(options: LofOptions) {
    const width = options.features.length
    this.#options = { references: REFERENCES, neighbours: NEIGHBOURS, ...options }
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#vector = new Float64Array(width)
    this.#nearest = new Nearest(this.#options.neighbours)
    this.#references = new Float64Array(0)
    this.#reach = new Float64Array(0)
    this.#density = new Float64Array(0)
  }

  get ready(): boolean {
    return this.#count >= Math.max(MINIMUM, this.#options.neighbours + 1)
  }

  fit(history: History): void {
    const { width } = history
    this.#standardiser.fit(history)
    const chosen = reservoir(history.count, this.#options.references, seeded(this.#options.seed))
    const count = chosen.length
    this.#references = new Float64Array(count * width)
    for (const [at, row] of chosen.entries())
      this.#standardiser.apply(history.row(row), this.#references.subarray(at * width, (at + 1) * width))
    for (let at = 0; at < this.#references.length; at++) this.#references[at] = drawnIn(this.#references[at]!)
    this.#count = count
    this.#reach = new Float64Array(count)
    this.#density = new Float64Array(count)
    const row = (i: number) => this.#references.subarray(i * width, (i + 1) * width)
    for (let i = 0; i < count; i++) this.#reach[i] = this.#nearest.find(row(i), this.#references, i)
    for (let i = 0; i < count; i++) {
      this.#nearest.find(row(i), this.#references, i)
      this.#density[i] = this.#localDensity()
    }
  }

  learn(): void {}

  observe(): void {}

  score(vector: Float64Array): number {
    if (!this.ready) return 0
    this.#standardiser.apply(vector, this.#vector)
    const nearest = this.#nearest
    nearest.find(this.#vector, this.#references, -1)
    let sum = 0
    for (let k = 0; k < nearest.count; k++) sum += this.#density[nearest.indices[k]!]!
    return sum / nearest.count / this.#localDensity()
  }

  explain(vector: Float64Array): Explanation {
    const raw = this.score(vector)
    const width = this.features.length
    const shares = new Float64Array(width)
    const expected = new Float64Array(width)
    const low = new Float64Array(width).fill(raw > 0 ? Number.POSITIVE_INFINITY : Number.NaN)
    const high = new Float64Array(width).fill(raw > 0 ? Number.NEGATIVE_INFINITY : Number.NaN)
    const { count, indices } = this.#nearest
    for (let k = 0; raw > 0 && k < count; k++)
      for (let i = 0; i < width; i++) {
        const value = this.#references[indices[k]! * width + i]!
        shares[i]! += (this.#vector[i]! - value) ** 2
        expected[i]! += value / count
        low[i] = Math.min(low[i]!, value)
        high[i] = Math.max(high[i]!, value)
      }
    return explainShares(raw, shares, { expected, low, high }, this.#standardiser)
  }

  save(): Uint8Array {
    const layers = new Map([
      optionsLayer(this.#options),
      ['references', { data: this.#references, shape: [this.#count, this.features.length] }],
      ['reach', { data: this.#reach }],
      ['density', { data: this.#density }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const reach = layers.float64('reach')
    const count = reach.length
    if (count > this.#options.references) throw new ModelError('corrupt', `${count} references`)
    const references = layers.float64('references', count * this.features.length)
    const density = layers.float64('density', count)
    this.#standardiser.restoreFrom(layers)
    this.#count = count
    this.#references = references
    this.#reach = reach
    this.#density = density
  }

  /** Inverse of the mean reachability distance of the vector whose neighbours were just found. */
  #localDensity(): number {
    const { count, indices, distances } = this.#nearest
    let sum = 0
    for (let k = 0; k < count; k++) sum += Math.max(distances[k]!, this.#reach[indices[k]!]!)
    return 1 / Math.max(SMALLEST, sum / Math.max(1, count))
  }
}
