import * as tf from '@tensorflow/tfjs-core'
import { weightLayers } from '../spec.ts'
import { makeWeights, type Weights } from '../weights.ts'
import { TrainingDiverged } from './diverged.ts'

/** The layers of a network by name, as tensors of their shapes. */
export type NamedTensors = (name: string) => tf.Tensor

/** Weights as TensorFlow.js variables: trained in place, read back, and freed. */
export class Variables {
  readonly #from: Weights
  readonly #byName: ReadonlyMap<string, tf.Variable>

  constructor(weights: Weights) {
    this.#from = weights
    this.#byName = new Map(
      weightLayers(weights.network).map(({ name, shape, offset, length }) => [
        name,
        tf.tidy(() => tf.variable(tf.tensor(weights.values.slice(offset, offset + length), [...shape]))),
      ]),
    )
  }

  get all(): tf.Variable[] {
    return [...this.#byName.values()]
  }

  readonly named: NamedTensors = (name) => this.variable(name)

  /** @throws RangeError for a name that no layer has */
  readonly variable = (name: string): tf.Variable => {
    const variable = this.#byName.get(name)
    if (variable === undefined) throw new RangeError(`no layer ${name}`)
    return variable
  }

  /** @throws TrainingDiverged when they are not finite any more */
  read(): Weights {
    const { network, values, version } = this.#from
    const trained = new Float32Array(values.length)
    for (const { name, offset } of weightLayers(network))
      trained.set(Float32Array.from(this.named(name).dataSync()), offset)
    if (!trained.every(Number.isFinite))
      throw new TrainingDiverged('training ran away: weights are not finite')
    return makeWeights(network, trained, version + 1)
  }

  dispose(): void {
    for (const variable of this.all) variable.dispose()
  }
}
