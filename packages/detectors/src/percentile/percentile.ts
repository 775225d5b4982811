import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { countedOf, residualScore } from '../residual/residual.ts'
import { explainShares } from '../residual/shares.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { DigestBank } from '../statistics/digest.ts'

export interface PercentileOptions {
  readonly features: readonly Feature[]
  /** Share of normal values that lie outside the band on either side. */
  readonly share: number
  /** Values after which what was learned weighs half. */
  readonly halfLife: number
}

const KIND = 'percentile'
const VERSION = 4
const MINIMUM = 30
/** Narrowest band that is believed, in standard deviations of the feature's history. */
const NARROWEST = 1

/**
 * How far each feature lies outside the band between two of its own quantiles: no assumption on the shape of a distribution, and
 * nothing inside the band counts at all.
 *
 * Raw score: mean of the largest distances (one feature in six), each in widths of the feature's band; 0 for a vector within all
 * bands. The quantiles forget and follow what is learned. Fails when features are only odd together, or at the wrong time. A
 * missing value is inside. Cost O(features), quantiles are renewed every 32 vectors; state about 650 bytes a feature.
 *
 * Source: the t-digest of T. Dunning, O. Ertl (arXiv 1902.04023) for the quantiles; J. W. Tukey's fences (1977) for the idea.
 */
export class PercentileDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: PercentileOptions
  readonly #standardiser: Standardiser
  readonly #counted: number
  readonly #vector: Float64Array
  readonly #outside: Float64Array
  #bank: DigestBank
  #low: Float64Array
  #high: Float64Array
  #learned = 0

  constructor(options: PercentileOptions) {
    const width = options.features.length
    this.#options = options
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#counted = countedOf(width)
    this.#vector = new Float64Array(width)
    this.#outside = new Float64Array(width)
    this.#bank = new DigestBank(width, options.halfLife)
    this.#low = new Float64Array(width).fill(Number.NaN)
    this.#high = new Float64Array(width).fill(Number.NaN)
  }

  get ready(): boolean {
    return this.#learned >= MINIMUM
  }

  fit(history: History): void {
    this.#standardiser.fit(history)
    this.#bank = new DigestBank(this.features.length, this.#options.halfLife)
    this.#low.fill(Number.NaN)
    this.#high.fill(Number.NaN)
    this.#learned = 0
    for (let i = 0; i < history.count; i++) this.learn(history.row(i))
    for (let i = 0; i < this.features.length; i++) if (this.#bank.buffered(i) > 0) this.#renew(i)
  }

  observe(): void {}

  learn(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#learned++
    for (let i = 0; i < vector.length; i++)
      if (!Number.isNaN(vector[i]!) && this.#bank.add(i, this.#vector[i]!)) this.#renew(i)
  }

  score(vector: Float64Array): number {
    return this.ready ? residualScore(this.#distances(vector), this.#counted) : 0
  }

  explain(vector: Float64Array): Explanation {
    const distances = this.ready ? this.#distances(vector) : this.#outside.fill(0)
    const shares = new Float64Array(distances.length)
    const order = Array.from(distances.keys()).sort((a, b) => distances[b]! - distances[a]!)
    for (const i of order.slice(0, this.#counted)) shares[i] = distances[i]!
    const expected = shares.map((_, i) => this.#bank.quantile(i, 0.5))
    const usual = { expected, low: this.#low, high: this.#high }
    return explainShares(residualScore(distances, this.#counted), shares, usual, this.#standardiser)
  }

  save(): Uint8Array {
    const layers = new Map([
      optionsLayer(this.#options),
      ['learned', { data: Float64Array.of(this.#learned) }],
      ...this.#bank.layers('digest'),
      ['low', { data: this.#low }],
      ['high', { data: this.#high }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const count = this.features.length
    const bank = new DigestBank(count, this.#options.halfLife)
    bank.restoreFrom('digest', layers)
    const low = layers.float64('low', count)
    const high = layers.float64('high', count)
    const learned = layers.float64('learned', 1)[0]!
    this.#standardiser.restoreFrom(layers)
    this.#bank = bank
    this.#low = low
    this.#high = high
    this.#learned = learned
  }

  #renew(i: number): void {
    this.#bank.compress(i)
    this.#low[i] = this.#bank.quantile(i, this.#options.share)
    this.#high[i] = this.#bank.quantile(i, 1 - this.#options.share)
  }

  /** Distances from the bands in their widths. Valid until the next call. */
  #distances(vector: Float64Array): Float64Array {
    this.#standardiser.apply(vector, this.#vector)
    for (let i = 0; i < vector.length; i++) {
      const z = this.#vector[i]!
      const low = this.#low[i]!
      const high = this.#high[i]!
      // A feature that was never seen has no band: both comparisons are false then.
      const beyond = z > high ? z - high : z < low ? z - low : 0
      const counts = beyond !== 0 && !Number.isNaN(vector[i]!) && !this.#standardiser.harmless(i, beyond)
      this.#outside[i] = counts ? Math.abs(beyond) / Math.max(NARROWEST, high - low) : 0
    }
    return this.#outside
  }
}
