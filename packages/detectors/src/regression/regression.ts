import { inverse, Matrix } from 'ml-matrix'
import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { type InputOptions, Inputs } from '../residual/inputs.ts'
import { countedOf, explainResiduals, residualScore } from '../residual/residual.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Covariance } from '../statistics/covariance.ts'
import { Scales } from '../statistics/scales.ts'

export interface RegressionOptions extends InputOptions {
  readonly features: readonly Feature[]
  /** Added to the variance of each feature, in its own variances: how little a prediction from few vectors is trusted. */
  readonly ridge: number
  /** Learned vectors after which what was learned weighs half. */
  readonly halfLife: number
}

const KIND = 'regression'
const VERSION = 3
const MINIMUM = 30
/** Smallest scale of a residual, in standard deviations of the feature itself. */
const FLOOR = 0.1
/** Residuals of more than so many scales do not widen the scale: heavy tails are normal here. */
const CLIP = 50
/** Learned vectors after which the regression is solved anew. */
const RENEWAL = 64

/**
 * Deviation of each feature from what all the others say: sees features that are odd together though each is normal by itself,
 * and tells the feature that is off from those that rightly follow it.
 *
 * Regression-adjusted variables: with P = (covariance + ridge)⁻¹ the residual of feature i given the others is (P(x − mean))ᵢ/Pᵢᵢ.
 * Raw score: mean of the largest absolute residuals (one feature in six), each in its own scale. Fails when dependence between features is not linear, and while there are
 * fewer independent vectors than features. Cost O(features²) a vector, O(features³) once in 64 learned ones; state 16·features² bytes.
 *
 * Source: D. M. Hawkins: Multivariate quality control based on regression-adjusted variables (Technometrics 1991).
 */
export class RegressionDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: RegressionOptions
  readonly #standardiser: Standardiser
  readonly #inputs: Inputs
  readonly #covariance: Covariance
  readonly #scales: Scales
  readonly #counted: number
  #precision: Float64Array
  readonly #vector: Float64Array
  readonly #input: Float64Array
  readonly #residual: Float64Array
  #sinceRenewal = 0

  constructor(options: RegressionOptions) {
    const width = options.features.length
    this.#options = options
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#inputs = new Inputs(width, options)
    this.#covariance = new Covariance(width, options.halfLife)
    this.#scales = new Scales(width, { clip: CLIP, floor: FLOOR }, options.halfLife)
    this.#counted = countedOf(width)
    this.#precision = new Float64Array(width * width)
    this.#vector = new Float64Array(width)
    this.#input = new Float64Array(width)
    this.#residual = new Float64Array(width)
  }

  get ready(): boolean {
    return this.#covariance.count >= MINIMUM
  }

  fit(history: History): void {
    const { width, count } = history
    this.#standardiser.fit(history)
    this.#inputs.begin()
    this.#covariance.reset()
    const inputs = new Float64Array(count * width)
    for (let i = 0; i < count; i++) {
      this.#standardiser.apply(history.row(i), this.#vector)
      const input = inputs.subarray(i * width, (i + 1) * width)
      this.#inputs.learned(this.#vector, input)
      this.#covariance.add(input)
    }
    this.#inputs.catchUp()
    this.#renew()
    const residuals = new Float64Array(inputs.length)
    for (let i = 0; i < count; i++)
      this.#residuals(
        inputs.subarray(i * width, (i + 1) * width),
        residuals.subarray(i * width, (i + 1) * width),
      )
    this.#scales.fit(residuals)
  }

  learn(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#inputs.learned(this.#vector, this.#input)
    if (this.#sinceRenewal >= RENEWAL) this.#renew()
    this.#residuals(this.#input, this.#residual)
    this.#scales.add(this.#residual)
    this.#covariance.add(this.#input)
    this.#sinceRenewal++
  }

  observe(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#inputs.observe(this.#vector)
  }

  score(vector: Float64Array): number {
    return this.ready ? residualScore(this.#deviations(vector), this.#counted) : 0
  }

  explain(vector: Float64Array): Explanation {
    const z = this.ready ? this.#deviations(vector) : this.#residual.fill(0)
    const predicted = new Float64Array(z.length)
    this.#residuals(this.#input, predicted)
    for (let i = 0; i < z.length; i++) predicted[i] = this.#vector[i]! - predicted[i]!
    const scales = z.map((_, i) => this.#scales.of(i))
    return explainResiduals(z, this.#counted, predicted, scales, this.#standardiser)
  }

  save(): Uint8Array {
    const width = this.features.length
    const layers = new Map([
      optionsLayer(this.#options),
      ['counts', { data: Float64Array.of(this.#covariance.count, this.#sinceRenewal) }],
      ['mean', { data: this.#covariance.mean }],
      ['covariance', { data: this.#covariance.matrix, shape: [width, width] }],
      ['precision', { data: this.#precision, shape: [width, width] }],
      ['squares', { data: this.#scales.squares }],
      ...this.#inputs.layers(),
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const width = this.features.length
    const [count, sinceRenewal] = layers.float64('counts', 2)
    const mean = layers.float64('mean', width)
    const matrix = layers.float64('covariance', width * width)
    const precision = layers.float64('precision', width * width)
    const squares = layers.float64('squares', width)
    const takeInputs = this.#inputs.read(layers)
    this.#standardiser.restoreFrom(layers)
    this.#covariance.reset(count, mean, matrix)
    this.#precision = precision
    this.#scales.squares.set(squares)
    takeInputs()
    this.#sinceRenewal = sinceRenewal!
  }

  #renew(): void {
    const width = this.features.length
    const { ridge } = this.#options
    const { matrix } = this.#covariance
    const ridged = Matrix.from1DArray(width, width, Array.from(matrix))
    for (let i = 0; i < width; i++) ridged.set(i, i, ridged.get(i, i) + ridge)
    this.#precision = Float64Array.from(inverse(ridged).to1DArray())
    this.#sinceRenewal = 0
  }

  /** Residual of each feature of `input` given the others. */
  #residuals(input: Float64Array, out: Float64Array): void {
    const { mean } = this.#covariance
    const precision = this.#precision
    const width = mean.length
    for (let i = 0; i < width; i++) {
      let sum = 0
      for (let j = 0; j < width; j++) sum += precision[i * width + j]! * (input[j]! - mean[j]!)
      out[i] = sum / precision[i * width + i]!
    }
  }

  /** Absolute residuals in their scales; a residual in the harmless direction is none. Valid until the next call. */
  #deviations(vector: Float64Array): Float64Array {
    this.#standardiser.apply(vector, this.#vector)
    this.#inputs.judged(this.#vector, this.#input)
    this.#residuals(this.#input, this.#residual)
    for (let i = 0; i < this.#residual.length; i++)
      this.#residual[i] = this.#standardiser.off(i, this.#residual[i]!) / this.#scales.of(i)
    return this.#residual
  }
}
