import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { Subspace } from '../pca/subspace.ts'
import { BAND, explainShares } from '../residual/shares.ts'
import { drawnIn } from '../standardiser/draw-in.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Scales } from '../statistics/scales.ts'

export interface SubsequencePcaOptions {
  readonly features: readonly Feature[]
  /** Vectors that are judged together, the newest one included. */
  readonly window: number
  /** Share of the variance that the components hold, unless `components` is reached before. */
  readonly variance: number
  /** Components at the most. */
  readonly components?: number
}

const KIND = 'subsequence-pca'
const VERSION = 2
const MINIMUM = 30
const COMPONENTS = 16
/** Residuals of more than so many scales do not widen the scale. */
const CLIP = 50
/** Smallest scale of a residual, in standard deviations of the feature itself. */
const FLOOR = 0.1

/**
 * What the principal components of whole stretches do not account for: sees a course of values that never was, though each value
 * is normal (a rhythm that stops, a flank too steep, features out of step).
 *
 * The latest `window` vectors, side by side, are one vector of window × features values; its components come from all such
 * windows of the history. Each feature's residual is the root mean square of its own over the window, in its own scale. Raw
 * score: root of the sum of their squares, of which the explanation gives each feature's share. What was odd stays in the
 * context and keeps the score up for a window. Sees nothing that happens along the components; fails when normal courses are of
 * no fixed shape. Not learned from after `fit`. Cost O(components × window × features) a vector, to fit O(windows × (window ×
 * features)²); state 8·window·features·(components + 2) bytes.
 *
 * Source: M. Jolliffe: Principal component analysis (2002), ch. 12, for windows of a series (singular spectrum analysis); C.
 * Aggarwal: Outlier analysis (2017), ch. 3 and 9.
 */
export class SubsequencePcaDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: Required<SubsequencePcaOptions>
  readonly #standardiser: Standardiser
  readonly #subspace: Subspace
  readonly #scales: Scales
  /** Standardised: the context, oldest first, then the vector that is judged. */
  readonly #window: Float64Array
  readonly #newest: Float64Array
  readonly #residual: Float64Array
  readonly #levels: Float64Array
  #fitted = 0

  constructor(options: SubsequencePcaOptions) {
    const width = options.features.length
    this.#options = { components: COMPONENTS, ...options }
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#subspace = new Subspace(width * options.window)
    this.#scales = new Scales(width, { clip: CLIP, floor: FLOOR }, Number.POSITIVE_INFINITY)
    this.#window = new Float64Array(width * options.window)
    this.#newest = this.#window.subarray(width * (options.window - 1))
    this.#residual = new Float64Array(width * options.window)
    this.#levels = new Float64Array(width)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  fit(history: History): void {
    const { width, count } = history
    const { window, variance, components } = this.#options
    const rows = this.#standardisedRows(history)
    this.#subspace.fit(rows, width, variance, components)
    this.#fitted = Math.max(0, count - window + 1)
    const levels = new Float64Array(this.#fitted * width)
    for (let i = 0; i < this.#fitted; i++) {
      this.#subspace.residual(rows.subarray(i * width, (i + window) * width), this.#residual)
      this.#measure(levels.subarray(i * width, (i + 1) * width))
    }
    this.#scales.fit(levels)
    this.#window.fill(0)
    const context = rows.subarray(Math.max(0, count - window + 1) * width)
    this.#window.set(context, this.#window.length - width - context.length)
  }

  learn(): void {}

  observe(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#newest)
    for (let i = 0; i < this.#newest.length; i++) this.#newest[i] = drawnIn(this.#newest[i]!)
    this.#window.copyWithin(0, this.features.length)
    this.#newest.fill(0)
  }

  score(vector: Float64Array): number {
    if (!this.ready) return 0
    this.#judge(vector)
    let sum = 0
    for (let i = 0; i < this.#levels.length; i++) {
      const z = this.#levels[i]! / this.#scales.of(i)
      sum += z * z
    }
    return Math.sqrt(sum)
  }

  /** Expected is the newest vector, as the components have it. */
  explain(vector: Float64Array): Explanation {
    const raw = this.score(vector)
    if (!this.ready) this.#judge(vector)
    const last = this.#residual.subarray(this.#residual.length - this.features.length)
    const expected = last.map((residual, i) => this.#newest[i]! - residual)
    const band = expected.map((_, i) => BAND * this.#scales.of(i))
    const usual = {
      expected,
      low: expected.map((z, i) => z - band[i]!),
      high: expected.map((z, i) => z + band[i]!),
    }
    const shares = this.#levels.map((level, i) => (level / this.#scales.of(i)) ** 2)
    this.#newest.fill(0)
    return explainShares(raw, shares, usual, this.#standardiser)
  }

  save(): Uint8Array {
    const width = this.features.length
    const { mean, components } = this.#subspace
    const layers = new Map([
      optionsLayer(this.#options),
      ['fitted', { data: Float64Array.of(this.#fitted) }],
      ['mean', { data: mean }],
      ['components', { data: components, shape: [components.length / mean.length, mean.length] }],
      ['squares', { data: this.#scales.squares }],
      ['context', { data: this.#window.slice(0, -width), shape: [this.#options.window - 1, width] }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const width = this.features.length
    const fitted = layers.float64('fitted', 1)[0]!
    const mean = layers.float64('mean', this.#window.length)
    const components = layers.float64('components')
    if (components.length % mean.length !== 0)
      throw new ModelError('corrupt', `components of ${components.length} values`)
    const squares = layers.float64('squares', width)
    const context = layers.float64('context', this.#window.length - width)
    this.#standardiser.restoreFrom(layers)
    this.#fitted = fitted
    this.#subspace.mean = mean
    this.#subspace.components = components
    this.#scales.squares.set(squares)
    this.#window.set(context)
  }

  #standardisedRows(history: History): Float64Array {
    this.#standardiser.fit(history)
    return this.#standardiser.applyAll(history).map(drawnIn)
  }

  #judge(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#newest)
    this.#subspace.residual(this.#window, this.#residual)
    this.#measure(this.#levels)
  }

  /** Root mean square of each feature's residual over the window; none is in the harmless direction. */
  #measure(out: Float64Array): void {
    const width = this.features.length
    for (let i = 0; i < width; i++) {
      let sum = 0
      for (let at = i; at < this.#residual.length; at += width) {
        const residual = this.#residual[at]!
        if (!this.#standardiser.harmless(i, residual)) sum += residual * residual
      }
      out[i] = Math.sqrt(sum / this.#options.window)
    }
  }
}
