import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Attribution } from '../explain/attribution.ts'
import { type Feature, namesOf } from '../feature.ts'
import { History } from '../history.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { seeded } from '../statistics/sampling.ts'
import type { Sample } from './cart.ts'
import { type Classifier, type ClassWeights, MINIMUM, weightsOf } from './classifier.ts'
import type { Labelled } from './labelled-set.ts'
import { decision, type PegasosOptions, pegasos } from './pegasos.ts'
import { fitSigmoid, logistic } from './platt.ts'

export interface LinearSvmOptions {
  readonly features: readonly Feature[]
  /** Weight of the squared norm. Default 0.001. */
  readonly lambda?: number
  /** Passes over the labelled vectors. Default 100. */
  readonly epochs?: number
  /** Default balanced. */
  readonly classWeights?: ClassWeights
  readonly seed: number
}

const KIND = 'linear_svm'
const VERSION = 2
/** Parts of the labelled vectors whose decision values come from a machine that has not seen them. */
const FOLDS = 5
/** What is farther off than so many deviations is drawn in: one far vector would be the whole hyperplane. */
const LIMIT = 10

/**
 * Linear support vector machine on standardised vectors, its values made probabilities by Platt's sigmoid over cross-validated values. Learns from few vectors and
 * goes on beyond them in a straight line, where a forest stays flat. Fails where what is anomalous lies in between, or on both sides, of what is normal.
 *
 * Exact explanation, since the logit of the probability is a sum over features: base is that of the mean labelled vector.
 *
 * Cost: `fit` O(6 · epochs · vectors · features), `probability` O(features) without garbage; model 32 bytes a feature.
 *
 * Source: see pegasos.ts and platt.ts.
 */
export class LinearSvm implements Classifier {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: Required<LinearSvmOptions>
  readonly #standardiser: Standardiser
  readonly #vector: Float64Array
  /** Of the logit: Σ weights[i] · x[i] + bias. */
  #weights: Float64Array
  #mean: Float64Array
  #bias = 0
  #ready = false

  constructor({ features, lambda = 0.001, epochs = 100, classWeights = 'balanced', seed }: LinearSvmOptions) {
    this.#options = { features, lambda, epochs, classWeights, seed }
    this.features = namesOf(features)
    this.#standardiser = new Standardiser(features)
    this.#vector = new Float64Array(features.length)
    this.#weights = new Float64Array(features.length)
    this.#mean = new Float64Array(features.length)
  }

  get ready(): boolean {
    return this.#ready
  }

  fit(labelled: Labelled): void {
    const { anomalous, normal } = labelled
    this.#ready = Math.min(anomalous.length, normal.length) >= MINIMUM
    this.#weights.fill(0)
    this.#mean.fill(0)
    this.#bias = 0
    if (!this.#ready) return
    const sample = this.#sample(labelled)
    const values = crossValues(sample, this.#options)
    const { slope, shift } = fitSigmoid(values, sample.labels, sample.weights)
    const { weights, bias } = pegasos(sample, this.#options, seeded(this.#options.seed))
    const { width, rows } = sample
    for (let i = 0; i < width; i++) {
      this.#weights[i] = slope * weights[i]!
      for (let at = i; at < rows.length; at += width) this.#mean[i]! += (rows[at]! * width) / rows.length
    }
    this.#bias = slope * bias + shift
  }

  probability(vector: Float64Array): number {
    return logistic(this.output(vector))
  }

  output(vector: Float64Array): number {
    if (!this.#ready) return 0
    this.#standardise(vector)
    let logit = this.#bias
    for (let i = 0; i < this.#weights.length; i++) logit += this.#weights[i]! * this.#vector[i]!
    return logit
  }

  explain(vector: Float64Array): Attribution {
    this.#standardise(vector)
    const values = this.#weights.map((weight, i) => weight * (this.#vector[i]! - this.#mean[i]!))
    const base = this.#weights.reduce((sum, weight, i) => sum + weight * this.#mean[i]!, this.#bias)
    return { base, values, errors: new Float64Array(values.length) }
  }

  save(): Uint8Array {
    const layers = new Map([
      optionsLayer(this.#options),
      ['bias', { data: Float64Array.of(this.#ready ? 1 : 0, this.#bias) }],
      ['weights', { data: this.#weights }],
      ['mean', { data: this.#mean }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const [ready, bias] = layers.float64('bias', 2)
    const weights = layers.float64('weights', this.features.length)
    const mean = layers.float64('mean', this.features.length)
    this.#standardiser.restoreFrom(layers)
    this.#ready = ready === 1
    this.#bias = bias!
    this.#weights = weights
    this.#mean = mean
  }

  #sample(labelled: Labelled): Sample {
    const { anomalous, normal } = labelled
    const vectors = [...normal, ...anomalous]
    const history = History.of(vectors, new Float64Array(vectors.length))
    this.#standardiser.fit(history)
    const weights = weightsOf(this.#options.classWeights, labelled)
    return {
      width: history.width,
      rows: this.#standardiser.applyAll(history).map(drawnIn),
      labels: Uint8Array.from(vectors, (_, i) => (i < normal.length ? 0 : 1)),
      weights: Float64Array.from(vectors, (_, i) => (i < normal.length ? weights.normal : weights.anomalous)),
    }
  }

  #standardise(vector: Float64Array): void {
    this.#standardiser.apply(vector, this.#vector)
    for (let i = 0; i < this.#vector.length; i++) this.#vector[i] = drawnIn(this.#vector[i]!)
  }
}

const drawnIn = (z: number) => Math.max(-LIMIT, Math.min(LIMIT, z))

/** Decision value of each row by a machine fitted without its fold; every fold has its share of either label. */
function crossValues(sample: Sample, options: PegasosOptions & { readonly seed: number }): Float64Array {
  const values = new Float64Array(sample.labels.length)
  const foldOf = (row: number) => row % FOLDS
  const all = Array.from(values.keys())
  for (let fold = 0; fold < FOLDS; fold++) {
    const kept = subset(
      sample,
      all.filter((row) => foldOf(row) !== fold),
    )
    const plane = pegasos(kept, options, seeded(options.seed + fold + 1))
    for (const row of all)
      if (foldOf(row) === fold)
        values[row] = decision(plane, sample.rows.subarray(row * sample.width, (row + 1) * sample.width))
  }
  return values
}

function subset({ width, rows, labels, weights }: Sample, kept: readonly number[]): Sample {
  const chosen = new Float64Array(kept.length * width)
  for (const [i, row] of kept.entries()) chosen.set(rows.subarray(row * width, (row + 1) * width), i * width)
  return {
    width,
    rows: chosen,
    labels: Uint8Array.from(kept, (row) => labels[row]!),
    weights: Float64Array.from(kept, (row) => weights[row]!),
  }
}
