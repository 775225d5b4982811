import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { partsOf } from '../explain/attribution.ts'
import { treeShap } from '../explain/tree-shap.ts'
import { meanValue, type Trees } from '../explain/trees.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { explainShares, usualOf } from '../residual/shares.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { seeded } from '../statistics/sampling.ts'
import { averageDepth, type Grown, grow, type IsolationTrees, linked } from './grow.ts'

export interface IsolationForestOptions {
  readonly features: readonly Feature[]
  readonly seed: number
  readonly trees?: number
  /** Vectors that each tree is grown from. */
  readonly samples?: number
}

const KIND = 'isolation-forest'
const VERSION = 2
const TREES = 100
const SAMPLES = 256
const MINIMUM = 30

/**
 * How few random splits it takes to be alone: what is rare and different is isolated early. Sees odd values and odd company
 * without any notion of distance.
 *
 * Raw score: 2^(−mean depth / mean depth of as many random vectors), in (0, 1), about 0.5 or less for what is normal. Not
 * monotone: the splits are random, and beyond the farthest vector of the sample nothing changes any more. Fails when anomalies
 * lie close together in the history, and for what is odd in one of very many features. Not learned from after `fit`. The
 * explanation is each feature's part (TreeSHAP, exact) in the splits that are saved against the average vector. Cost O(trees ×
 * log samples) a vector; state 12 bytes a node when saved, 24 in memory, at most 2·samples nodes a tree.
 *
 * Source: F. T. Liu, K. M. Ting, Z.-H. Zhou: Isolation forest (ICDM 2008).
 */
export class IsolationForestDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: Required<IsolationForestOptions>
  readonly #standardiser: Standardiser
  readonly #vector: Float64Array
  #fitted = 0
  #grown: Grown
  #trees: IsolationTrees

  constructor(options: IsolationForestOptions) {
    const width = options.features.length
    this.#options = { trees: TREES, samples: SAMPLES, ...options }
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#vector = new Float64Array(width)
    this.#grown = EMPTY
    this.#trees = linked(EMPTY, width)
  }

  get ready(): boolean {
    return this.#fitted >= MINIMUM
  }

  /** Over standardised vectors; a leaf's value is the depth at which a vector is alone there. Not to be written to. */
  get trees(): Trees {
    return this.#trees
  }

  fit(history: History): void {
    const { trees, samples, seed } = this.#options
    this.#standardiser.fit(history)
    this.#fitted = history.count
    this.#grown = EMPTY
    if (history.count > 0) {
      const rows = this.#standardiser.applyAll(history)
      this.#grown = grow(rows, history.width, { trees, samples, rng: seeded(seed) })
    }
    this.#trees = linked(this.#grown, this.features.length)
  }

  learn(): void {}

  observe(): void {}

  score(vector: Float64Array): number {
    if (!this.ready) return 0
    this.#standardiser.apply(vector, this.#vector)
    const usual = averageDepth(Math.min(this.#options.samples, this.#fitted))
    return 2 ** (-meanValue(this.#trees, this.#vector) / usual)
  }

  explain(vector: Float64Array): Explanation {
    const raw = this.score(vector)
    const width = this.features.length
    if (!(raw > 0)) return explainShares(raw, new Float64Array(width), usualOf(width), this.#standardiser)
    const { values } = treeShap(this.#trees, this.#vector, width)
    const shares = partsOf(values.map((depth) => -depth))
    return explainShares(raw, shares, usualOf(width), this.#standardiser)
  }

  save(): Uint8Array {
    const layers = new Map([
      optionsLayer(this.#options),
      ['fitted', { data: Float64Array.of(this.#fitted) }],
      ['roots', { data: this.#grown.roots }],
      ['feature', { data: this.#grown.feature }],
      ['threshold', { data: this.#grown.threshold }],
      ['cover', { data: this.#grown.cover }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const fitted = layers.float64('fitted', 1)[0]!
    const roots = layers.uint32('roots')
    const feature = layers.int32('feature')
    const threshold = layers.float32('threshold')
    const cover = layers.uint32('cover')
    const grown = { roots, feature, threshold, cover }
    const trees = this.#linked(grown)
    this.#standardiser.restoreFrom(layers)
    this.#fitted = fitted
    this.#grown = grown
    this.#trees = trees
  }

  #linked(grown: Grown): IsolationTrees {
    try {
      return linked(grown, this.features.length)
    } catch (error) {
      throw new ModelError('corrupt', error instanceof Error ? error.message : String(error))
    }
  }
}

const EMPTY: Grown = {
  roots: new Uint32Array(0),
  feature: new Int32Array(0),
  threshold: new Float32Array(0),
  cover: new Uint32Array(0),
}
