import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { partsOf } from '../explain/attribution.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { BAND, explainShares } from '../residual/shares.ts'
import { drawnIn } from '../standardiser/draw-in.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Scales } from '../statistics/scales.ts'
import { Subspace } from './subspace.ts'

export interface PcaOptions {
  readonly features: readonly Feature[]
  /** Share of the variance that the components hold, unless `components` is reached before. */
  readonly variance: number
  /**
   * Components at the most; default two less than there are features: where one direction alone is left over, all features share
   * in it alike and none can be told from the others.
   */
  readonly components?: number
}

const KIND = 'pca'
const VERSION = 2
const MINIMUM = 30
/** Residuals of more than so many scales do not widen the scale. */
const CLIP = 50
/** Smallest scale of a residual, in standard deviations of the feature itself. */
const FLOOR = 0.1

/**
 * What the principal components do not account for: sees features that leave the way in which they normally move together.
 *
 * The components of the standardised history predict each feature; what is left of it is measured in its own scale. Raw score:
 * root of the sum of the squares, of which the explanation gives each feature's share. Sees nothing that happens along the
 * components, however far (a load ten times as high, with all that follows from it), and fails when dependence is not linear.
 * Not learned from after `fit`. Cost O(components × features) a vector; state 8·(components + 3)·features bytes.
 *
 * Source: J. E. Jackson, G. S. Mudholkar: Control procedures for residuals associated with principal component analysis
 * (Technometrics 1979), with each residual in its own scale.
 */
export class PcaDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: Required<PcaOptions>
  readonly #standardiser: Standardiser
  readonly #subspace: Subspace
  readonly #scales: Scales
  readonly #vector: Float64Array
  readonly #residual: Float64Array
  #fitted = 0

  constructor(options: PcaOptions) {
    const width = options.features.length
    this.#options = { components: Math.max(1, width - 2), ...options }
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#subspace = new Subspace(width)
    this.#scales = new Scales(width, { clip: CLIP, floor: FLOOR }, Number.POSITIVE_INFINITY)
    this.#vector = new Float64Array(width)
    this.#residual = new Float64Array(width)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  fit(history: History): void {
    const { width, count } = history
    const { variance, components } = this.#options
    this.#standardiser.fit(history)
    const rows = this.#standardiser.applyAll(history).map(drawnIn)
    this.#subspace.fit(rows, width, variance, components)
    const residuals = new Float64Array(rows.length)
    for (let from = 0; from < rows.length; from += width)
      this.#subspace.residual(rows.subarray(from, from + width), residuals.subarray(from, from + width))
    this.#scales.fit(residuals)
    this.#fitted = count
  }

  learn(): void {}

  observe(): void {}

  score(vector: Float64Array): number {
    if (!this.ready) return 0
    this.#judge(vector)
    let sum = 0
    for (let i = 0; i < this.#residual.length; i++) {
      const z = this.#inScale(i)
      sum += z * z
    }
    return Math.sqrt(sum)
  }

  explain(vector: Float64Array): Explanation {
    const raw = this.score(vector)
    if (!this.ready) this.#judge(vector)
    const expected = this.#residual.map((residual, i) => this.#vector[i]! - residual)
    const band = expected.map((_, i) => BAND * this.#scales.of(i))
    const usual = {
      expected,
      low: expected.map((z, i) => z - band[i]!),
      high: expected.map((z, i) => z + band[i]!),
    }
    // The squared score is xᵀMx; x ∘ Mx are its Shapley values against the mean, exactly. Residuals by themselves smear what one
    // feature does over those that share its components.
    const gradient = this.#residual.map((_, i) => this.#inScale(i) / this.#scales.of(i))
    this.#subspace.takeOut(gradient)
    const shares = partsOf(gradient.map((each, i) => each * (this.#vector[i]! - this.#subspace.mean[i]!)))
    return explainShares(raw, shares, usual, this.#standardiser)
  }

  save(): Uint8Array {
    const width = this.features.length
    const { mean, components } = this.#subspace
    const layers = new Map([
      optionsLayer(this.#options),
      ['fitted', { data: Float64Array.of(this.#fitted) }],
      ['mean', { data: mean }],
      ['components', { data: components, shape: [components.length / width, width] }],
      ['squares', { data: this.#scales.squares }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const width = this.features.length
    const fitted = layers.float64('fitted', 1)[0]!
    const mean = layers.float64('mean', width)
    const components = layers.float64('components')
    if (components.length % width !== 0)
      throw new ModelError('corrupt', `components of ${components.length} values`)
    const squares = layers.float64('squares', width)
    this.#standardiser.restoreFrom(layers)
    this.#fitted = fitted
    this.#subspace.mean = mean
    this.#subspace.components = components
    this.#scales.squares.set(squares)
  }

  #judge(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#subspace.residual(this.#vector, this.#residual)
  }

  /** 0 for a residual in the harmless direction. */
  #inScale(i: number): number {
    const residual = this.#residual[i]!
    return this.#standardiser.harmless(i, residual) ? 0 : residual / this.#scales.of(i)
  }
}
