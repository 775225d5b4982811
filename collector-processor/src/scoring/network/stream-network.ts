import { type Feature, type NetworkSpec, specText, type Weights } from '@adf/detectors'
import { Runs } from './runs.ts'

/** Train the network of a stream; plain data for the training process. */
export interface NetworkJob {
  readonly network: NetworkSpec
  readonly features: readonly Feature[]
  /** Runs of normal vectors, row by row. */
  readonly runs: readonly Float64Array[]
  /** Weights to go on from. */
  readonly initial: Weights | undefined
}

/** Vectors that the first weights are trained on. */
const FIRST = 4096
/** Vectors that come before the weights are trained further. */
const AGAIN = 32_768

/** The network that the entities of a stream share: its weights, and what it is trained on next. */
export class StreamNetwork {
  readonly name: string
  readonly network: NetworkSpec
  readonly features: readonly Feature[]
  readonly #runs: Runs
  #weights: Weights | undefined
  #training = false

  /** @param name of the member of the panels that has it @param holdOut some runs, that nothing is trained on */
  constructor(name: string, network: NetworkSpec, features: readonly Feature[], holdOut: boolean) {
    this.name = name
    this.network = network
    this.features = features
    this.#runs = new Runs(features.length, holdOut)
  }

  get weights(): Weights | undefined {
    return this.#weights
  }

  /** @param normal neither anomalous nor in an incident */
  take(entityId: string, values: Float64Array, normal: boolean): void {
    if (normal) this.#runs.add(entityId, values)
    else this.#runs.cut(entityId)
  }

  /** The training that is due, if any; `finish` must follow. */
  due(): NetworkJob | undefined {
    if (this.#training || this.#runs.gathered < (this.#weights === undefined ? FIRST : AGAIN))
      return undefined
    this.#training = true
    return {
      network: this.network,
      features: this.features,
      runs: this.#runs.take(),
      initial: this.#weights,
    }
  }

  /** @param weights undefined: the training failed, and is tried again when as much has come anew */
  finish(weights: Weights | undefined): void {
    this.#training = false
    if (weights !== undefined) this.#weights = weights
  }

  /** Whether a run is full that can be trained on. */
  get hasData(): boolean {
    return this.#runs.hasTraining
  }

  get hasHeldOut(): boolean {
    return this.#runs.hasHeldOut
  }

  /** Copies of what has been gathered: to train on, and what nothing is trained on. */
  get runs(): { readonly training: Float64Array[]; readonly heldOut: Float64Array[] } {
    const { training, heldOut } = this.#runs
    return { training, heldOut }
  }

  /** Weights of an earlier process, or from elsewhere. @throws RangeError when they are of another network */
  restore(weights: Weights): void {
    const [expected, got] = [specText(this.network), specText(weights.network)]
    if (got !== expected) throw new RangeError(`weights of ${got}, expected ${expected}`)
    this.#weights = weights
  }
}
