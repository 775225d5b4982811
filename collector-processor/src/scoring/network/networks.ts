import { decodeWeights, encodeWeights, type Weights } from '@adf/detectors'
import type { ScoringMetrics } from '../metrics.ts'
import type { DetectorStateStore } from '../ports.ts'
import type { Entities } from '../state/entities.ts'
import type { StreamModels } from '../stream-models.ts'
import type { FeatureVector } from '../vector.ts'
import { NetworkTrainer } from './network-trainer.ts'
import type { StreamNetwork } from './stream-network.ts'

export interface NetworksOptions {
  readonly entities: Entities
  readonly states: DetectorStateStore | undefined
  readonly metrics: ScoringMetrics
  readonly warn: (message: string, error: unknown) => void
  /** False: networks have the weights that were saved, and are not trained here. */
  readonly train: boolean
}

/** The networks of all streams: gathers what they are trained on, has them trained, and hands the weights to their entities. */
export class Networks {
  readonly #options: NetworksOptions
  readonly #trainer = new NetworkTrainer()

  constructor(options: NetworksOptions) {
    this.#options = options
  }

  stop(): Promise<void> {
    return this.#trainer.stop()
  }

  /** Brings back the weights of a stream; must be done before the state of an entity is read, which names them. */
  async load(stream: string, models: StreamModels): Promise<void> {
    const { states, warn, metrics } = this.#options
    for (const network of models.networks) {
      try {
        const bytes = await states?.load(keyOf(stream, network), '')
        if (bytes !== undefined) this.#use(stream, models, network, decodeWeights(bytes, network.network))
      } catch (error) {
        metrics.stateFailures.inc({ operation: 'load' })
        warn(`the ${network.name} of ${stream} could not be read; it is trained anew`, error)
      }
    }
  }

  /** @param normal neither anomalous nor in an incident */
  take({ stream, entity, values }: FeatureVector, models: StreamModels, normal: boolean): void {
    if (!this.#options.train) return
    for (const network of models.networks) {
      network.take(entity.id, values, normal)
      const job = network.due()
      if (job === undefined) continue
      this.#trainer.train(job).then(
        (weights) => this.#trained(stream.name, models, network, weights),
        (error: unknown) => {
          this.#options.warn(`the ${network.name} of ${stream.name} could not be trained`, error)
          this.#trained(stream.name, models, network, undefined)
        },
      )
    }
  }

  /** Goes on with weights from elsewhere, at once and after a restart. */
  async adopt(stream: string, models: StreamModels, network: StreamNetwork, weights: Weights): Promise<void> {
    this.#use(stream, models, network, weights)
    await this.#save(stream, network, weights)
  }

  #trained(stream: string, models: StreamModels, network: StreamNetwork, weights: Weights | undefined): void {
    const { metrics } = this.#options
    network.finish(weights)
    metrics.jobs.inc({ kind: 'network', outcome: weights === undefined ? 'lost' : 'done' })
    if (weights === undefined) return
    this.#use(stream, models, network, weights)
    void this.#save(stream, network, weights)
  }

  async #save(stream: string, network: StreamNetwork, weights: Weights): Promise<void> {
    const { metrics, states, warn } = this.#options
    const row = { stream: keyOf(stream, network), entityId: '', state: encodeWeights(weights) }
    try {
      await states?.saveMany([row])
    } catch (error) {
      metrics.stateFailures.inc({ operation: 'save' })
      warn(`the ${network.name} of ${stream} could not be saved`, error)
    }
  }

  #use(stream: string, models: StreamModels, network: StreamNetwork, weights: Weights): void {
    network.restore(weights)
    models.useWeights(weights)
    for (const state of this.#options.entities)
      if (state.stream.name === stream) state.learner?.useWeights(weights)
  }
}

/** No stream has such a name, so that no entity's state is in its place. */
const keyOf = (stream: string, { name }: StreamNetwork): string => `${name} of ${stream}`
