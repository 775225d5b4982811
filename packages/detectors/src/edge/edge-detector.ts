import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import type { DetectorSpec } from '../create.ts'
import { plainFeatures } from '../defaults.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import type { LstmSpec } from '../network/spec.ts'
import { standardised } from '../network/standardised.ts'
import { type TrainingProgress, trainNetwork } from '../network/training/train.ts'
import { decodeWeights, encodeWeights, type Weights } from '../network/weights.ts'
import { type Detection, OnlineDetector, type OnlineStatistics } from '../online/online-detector.ts'

export interface EdgeOptions {
  /** Values of a vector. */
  readonly inputSize: number
  /** Width of the LSTM layers. Default 64. */
  readonly hiddenSize?: number
  /** Default 2. */
  readonly numLayers?: number
  /** Of the values, for explanations; default `feature_1`, `feature_2`, … */
  readonly names?: readonly string[]
  /** Between two vectors, ms. Default one minute. */
  readonly intervalMs?: number
  /** Alerts that chance alone may make in a day. Default 0.1. */
  readonly alertsPerDay?: number
  /** Of the first weights, and of the order in which sequences are learned. Default 1. */
  readonly seed?: number
}

export interface EdgeTraining {
  /** Passes over the data. Default 10. */
  readonly epochs?: number
  /** Sequences that go into one step. Default 8. */
  readonly batchSize?: number
  readonly learningRate?: number
  readonly onProgress?: (progress: TrainingProgress) => void
}

const KIND = 'edge'
const VERSION = 1
const HALF_LIFE = 5000
/** Vectors below which there is nothing to learn from. */
const MINIMUM = 100

/**
 * The smallest way to use the library: an LSTM for one source of vectors, trained, calibrated and judging online. `train` takes
 * seconds to minutes of the calling thread; a server runs it in a worker. Vectors are arrays of `inputSize` numbers, NaN is missing.
 */
export class EdgeDetector {
  readonly #options: Required<Omit<EdgeOptions, 'alertsPerDay'>> & { readonly alertsPerDay: number }
  #trained:
    | { readonly features: readonly Feature[]; readonly weights: Weights; readonly online: OnlineDetector }
    | undefined
  #timeMs = 0

  /** @throws RangeError when the names are not as many as the inputs */
  constructor(options: EdgeOptions) {
    const {
      inputSize,
      hiddenSize = 64,
      numLayers = 2,
      intervalMs = 60_000,
      alertsPerDay = 0.1,
      seed = 1,
    } = options
    const names = options.names ?? Array.from({ length: inputSize }, (_, i) => `feature_${i + 1}`)
    if (names.length !== inputSize)
      throw new RangeError(`${names.length} names are not those of ${inputSize} values`)
    this.#options = { inputSize, hiddenSize, numLayers, names, intervalMs, alertsPerDay, seed }
  }

  /**
   * Learns from scratch; the data may hold anomalies that nobody has labelled.
   *
   * @throws RangeError for fewer than 100 vectors, or vectors of another size
   */
  async train(data: readonly ArrayLike<number>[], training: EdgeTraining = {}): Promise<void> {
    if (data.length < MINIMUM)
      throw new RangeError(`${data.length} vectors are too few: ${MINIMUM} are needed`)
    const rows = data.map((vector) => this.#vector(vector))
    const history = History.of(
      rows,
      rows.map((_, i) => i * this.#options.intervalMs),
    )
    const { epochs = 10, batchSize = 8, learningRate = 0.003, onProgress } = training
    const features = plainFeatures(this.#options.names, history)
    const weights = await trainNetwork(this.#network, [standardised(features, history)], {
      epochs,
      batchSize,
      learningRate,
      seed: this.#options.seed,
      onProgress,
    })
    const online = this.#online(features, weights)
    online.train(history)
    this.#trained = { features, weights, online }
    this.#timeMs = history.timesMs.at(-1)!
  }

  /** @throws RangeError for a vector of another size; Error before it was trained */
  detect(vector: ArrayLike<number>): Detection {
    this.#timeMs += this.#options.intervalMs
    return this.#ready().online.detect(this.#vector(vector), this.#timeMs)
  }

  /** Names in the order of an explanation's parts. */
  get features(): readonly string[] {
    return this.#options.names
  }

  /** Sets the threshold; undefined goes back to the one that follows from `alertsPerDay`. @throws RangeError outside [0, 1] */
  updateThreshold(score: number | undefined): void {
    this.#ready().online.setThreshold(score)
  }

  statistics(): OnlineStatistics {
    return this.#ready().online.statistics()
  }

  save(): Uint8Array {
    const { features, weights, online } = this.#ready()
    return encodeModel({
      kind: KIND,
      version: VERSION,
      layers: new Map([
        ['features', { data: JSON.stringify(features) }],
        ['time', { data: Float64Array.of(this.#timeMs) }],
        ['weights', { data: encodeWeights(weights) }],
        ['online', { data: online.save() }],
      ]),
    })
  }

  /** @throws ModelError when the bytes are damaged or of a detector of another size; nothing is changed then */
  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    const weights = decodeWeights(layers.bytes('weights'), this.#network)
    const features = featuresFrom(layers.text('features'))
    const online = this.#online(features, weights)
    online.load(layers.bytes('online'))
    this.#timeMs = layers.float64('time', 1)[0]!
    this.#trained = { features, weights, online }
  }

  get #network(): LstmSpec {
    const { inputSize: inputs, hiddenSize: hidden, numLayers } = this.#options
    return { kind: 'lstm', inputs, hidden, layers: numLayers }
  }

  #online(features: readonly Feature[], weights: Weights): OnlineDetector {
    const detector: DetectorSpec = {
      kind: 'network',
      features,
      network: this.#network,
      halfLife: HALF_LIFE,
      weights,
    }
    return new OnlineDetector({ detector, alertsPerDay: this.#options.alertsPerDay })
  }

  #ready() {
    if (this.#trained === undefined) throw new Error('the detector is not trained: call train or load first')
    return this.#trained
  }

  #vector(values: ArrayLike<number>): Float64Array {
    const { inputSize } = this.#options
    if (values.length !== inputSize)
      throw new RangeError(`a vector of ${values.length} values, expected ${inputSize}`)
    return Float64Array.from(values, (value) => (Number.isFinite(value) ? value : Number.NaN))
  }
}

function featuresFrom(text: string): readonly Feature[] {
  const features: unknown = JSON.parse(text)
  if (!Array.isArray(features)) throw new ModelError('corrupt', 'features are no list')
  return features.map((each) => {
    const { name, floor } = each
    if (typeof name !== 'string' || !(floor > 0))
      throw new ModelError('corrupt', `no feature: ${JSON.stringify(each)}`)
    return { name, direction: 'both', transform: 'linear', floor }
  })
}
