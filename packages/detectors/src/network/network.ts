import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { countedOf, explainResiduals, residualScore } from '../residual/residual.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Scales } from '../statistics/scales.ts'
import { INPUT_LIMIT } from './input-limit.ts'
import type { Kernel } from './kernel.ts'
import { kernelOf } from './kernel-of.ts'
import { RecentResiduals } from './recent-residuals.ts'
import { type NetworkSpec, specText } from './spec.ts'
import type { Weights } from './weights.ts'

export interface NetworkOptions {
  readonly features: readonly Feature[]
  /** Its `inputs` are as many as the features. */
  readonly network: NetworkSpec
  /** Learned vectors after which what was learned weighs half. */
  readonly halfLife: number
}

const KIND = 'network'
const VERSION = 1
const MINIMUM = 30
/** Smallest scale of a residual, in standard deviations of the feature itself. */
const FLOOR = 0.1
/** Residuals of more than so many scales do not widen the scale. */
const CLIP = 5

/** A prediction beyond so many standard deviations, or none, is no prediction. */
const ABSURD = 1e6

/**
 * Deviation of each feature from what a neural network expects: an autoencoder sees features that are odd together, an LSTM or a
 * temporal convolutional network sees an order of things that is odd, though each value is normal by itself.
 *
 * The weights are shared by all entities of a stream and are trained elsewhere (@adf/detectors/training); an entity has its own
 * standardisation, residual scales and context. `fit` fits those with the weights there are, and without any the detector is not
 * ready. Raw score: mean of the largest absolute residuals (one feature in six), each in its own robust scale.
 *
 * Fails when the weights were trained on other behaviour than this entity's: then its residuals, and so its scales, are wide. After a
 * gap in time the context is that of before. A vector is learned by the residual that it had when it was observed, of which one
 * in 8 is kept: one that was never observed, or more than 256 vectors ago, is not learned.
 *
 * Cost of a vector: one step of the network (17 features: autoencoder 600 multiplications, TCN 13,500, LSTM 55,000), in `observe`
 * (autoencoder: in `score` too). State with 17 features: 3 kB, LSTM 64 × 2 1 kB more, TCN 4 kB more; the weights once for all entities.
 *
 * Source: P. Malhotra et al.: Long short term memory networks for anomaly detection in time series (2015); M. Sakurada, T. Yairi:
 * Anomaly detection using autoencoders with nonlinear dimensionality reduction (2014).
 */
export class NetworkDetector implements Detector {
  readonly name: string
  readonly features: readonly string[]
  readonly #options: NetworkOptions
  readonly #identity: string
  readonly #standardiser: Standardiser
  readonly #scales: Scales
  readonly #recent: RecentResiduals
  readonly #counted: number
  readonly #vector: Float64Array
  readonly #input: Float64Array
  readonly #predicted: Float64Array
  readonly #residual: Float64Array
  #weights: Weights | undefined
  #kernel: Kernel | undefined
  #context: Float32Array = new Float32Array(0)
  #fitted = 0
  #error = 0

  /** @throws RangeError when the network is not for as many features, or the weights are not of this network */
  constructor(options: NetworkOptions, weights?: Weights) {
    const width = options.features.length
    const { features, network, halfLife } = options
    if (network.inputs !== width)
      throw new RangeError(`a network of ${network.inputs} inputs cannot judge ${width} features`)
    this.name = network.kind
    this.#options = options
    this.#identity = JSON.stringify({ features, network: specText(network), halfLife })
    this.features = namesOf(features)
    this.#standardiser = new Standardiser(features)
    this.#recent = new RecentResiduals(width)
    this.#scales = new Scales(
      width,
      { clip: CLIP, floor: FLOOR },
      Math.max(1, halfLife / RecentResiduals.every),
    )
    this.#counted = countedOf(width)
    this.#vector = new Float64Array(width)
    this.#input = new Float64Array(width)
    this.#predicted = new Float64Array(width)
    this.#residual = new Float64Array(width)
    if (weights !== undefined) this.useWeights(weights)
  }

  get ready(): boolean {
    return this.#kernel !== undefined && this.#fitted >= MINIMUM
  }

  get weights(): Weights | undefined {
    return this.#weights
  }

  /** Mean square deviation of the vector observed last from what was expected, in standard deviations of the features. */
  get reconstructionError(): number {
    return this.#error
  }

  /**
   * Goes on with other weights of the same network. Standardisation and residual scales stay, and so does the context, which comes right
   * within the vectors that the network looks back: meant for weights that come of further training. For others, fit anew.
   *
   * @throws RangeError when they are of another network
   */
  useWeights(weights: Weights): void {
    const expected = specText(this.#options.network)
    const got = specText(weights.network)
    if (got !== expected) throw new RangeError(`weights of ${got}, expected ${expected}`)
    this.#weights = weights
    this.#kernel = kernelOf(weights)
    if (this.#context.length !== this.#kernel.stateSize) this.#forget()
  }

  fit(history: History): void {
    const { width, count } = history
    this.#standardiser.fit(history)
    this.#forget()
    this.#fitted = this.#kernel === undefined ? 0 : count
    const residuals = new Float64Array(count * width)
    for (let i = 0; i < count; i++) {
      this.#standardiser.apply(history.row(i), this.#vector)
      this.#step()
      residuals.set(this.#residual, i * width)
    }
    this.#scales.fit(residuals)
  }

  learn(_vector: Float64Array, timeMs: number): void {
    if (this.#recent.take(timeMs, this.#residual)) this.#scales.add(this.#residual)
  }

  observe(vector: Float64Array, timeMs: number): void {
    this.#standardiser.apply(vector, this.#vector)
    this.#step()
    this.#recent.add(this.#residual, timeMs)
    let sum = 0
    for (let i = 0; i < this.#residual.length; i++) sum += this.#residual[i]! ** 2
    this.#error = sum / this.#residual.length
  }

  score(vector: Float64Array): number {
    return this.ready ? residualScore(this.#deviations(vector), this.#counted) : 0
  }

  explain(vector: Float64Array): Explanation {
    const z = this.ready ? this.#deviations(vector) : this.#residual.fill(0)
    const scales = z.map((_, i) => this.#scales.of(i))
    return explainResiduals(z, this.#counted, this.#predicted, scales, this.#standardiser)
  }

  save(): Uint8Array {
    const layers = new Map<string, Layer>([
      ['options', { data: this.#identity }],
      ['weights', { data: this.#weights?.hash ?? 'none' }],
      ['fitted', { data: Float64Array.of(this.#fitted, this.#error) }],
      ['context', { data: this.#context }],
      // An autoencoder's is that of the vector judged last, which is no state.
      ['predicted', { data: this.#predictsNext ? this.#predicted : new Float64Array(this.features.length) }],
      ['squares', { data: this.#scales.squares }],
      ...this.#recent.layers(),
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    layers.same('options', this.#identity)
    layers.same('weights', this.#weights?.hash ?? 'none')
    const count = this.features.length
    const [fitted, error] = layers.float64('fitted', 2)
    const context = layers.float32('context', this.#kernel?.stateSize ?? 0)
    const predicted = layers.float64('predicted', count)
    const squares = layers.float64('squares', count)
    const recent = RecentResiduals.from(layers, count)
    this.#standardiser.restoreFrom(layers)
    this.#recent.become(recent)
    this.#context = context
    this.#predicted.set(predicted)
    this.#scales.squares.set(squares)
    this.#fitted = fitted!
    this.#error = error!
  }

  get #predictsNext(): boolean {
    return this.#kernel?.predictsNext ?? false
  }

  #forget(): void {
    this.#context = new Float32Array(this.#kernel?.stateSize ?? 0)
    this.#predicted.fill(0)
    this.#recent.clear()
    this.#error = 0
  }

  /** Takes the vector in `#vector` into the context; its residuals, by what was expected before, are in `#residual` then. */
  #step(): void {
    if (this.#predictsNext) this.#subtract()
    this.#run()
    if (!this.#predictsNext) this.#subtract()
  }

  #run(): void {
    if (this.#kernel === undefined) return
    for (let i = 0; i < this.#input.length; i++)
      this.#input[i] = Math.max(-INPUT_LIMIT, Math.min(INPUT_LIMIT, this.#vector[i]!))
    const predicted = this.#predicted
    this.#kernel.step(this.#input, this.#context, predicted)
    for (let i = 0; i < predicted.length; i++) {
      if (Math.abs(predicted[i]!) < ABSURD) continue
      // Only weights that no training gives lead here; what cannot be compared is not remembered either.
      this.#context.fill(0)
      predicted.fill(0)
      return
    }
  }

  #subtract(): void {
    for (let i = 0; i < this.#residual.length; i++) this.#residual[i] = this.#vector[i]! - this.#predicted[i]!
  }

  /** Absolute residuals in their scales; one in the harmless direction is none. Valid until the next call. */
  #deviations(vector: Float64Array): Float64Array {
    this.#standardiser.apply(vector, this.#vector)
    if (!this.#predictsNext) this.#run()
    this.#subtract()
    for (let i = 0; i < this.#residual.length; i++)
      this.#residual[i] = this.#standardiser.off(i, this.#residual[i]!) / this.#scales.of(i)
    return this.#residual
  }
}
