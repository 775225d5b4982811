import type { Entity } from '@adf/contract'
import { encodeModel, Layers, Learner, type LearnerOptions } from '@adf/detectors'
import type { StreamSpec } from '../vector.ts'

const KIND = 'scoring'
const VERSION = 2

/** All that is kept of one entity of one stream. */
export class EntityState {
  readonly stream: StreamSpec
  readonly entity: Entity
  #learner: Learner | undefined
  readonly #options: LearnerOptions | undefined
  threshold: number
  /** Of the last vector; undefined while warming up. */
  score: number | undefined
  timeMs = 0
  /** Vectors of its start that were left out. */
  settled = 0
  dirty = false
  /** Vectors in a row that were withheld because an incident is open. */
  frozen = 0

  constructor(stream: StreamSpec, entity: Entity, threshold: number, learner: LearnerOptions | undefined) {
    this.stream = stream
    this.entity = entity
    this.threshold = threshold
    this.#options = learner
    this.#learner = learner && new Learner(learner)
  }

  get learner(): Learner | undefined {
    return this.#learner
  }

  save(): Uint8Array {
    return encodeModel({
      kind: KIND,
      version: VERSION,
      layers: new Map([
        ['features', { data: this.#features() }],
        ['runs', { data: Float64Array.of(this.frozen, this.timeMs, this.score ?? Number.NaN) }],
        ...(this.learner?.layers() ?? []),
      ]),
    })
  }

  /** @throws ModelError, and nothing is changed then. */
  restore(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    layers.same('features', this.#features())
    const [frozen, timeMs, score] = layers.float64('runs', 3)
    if (this.#options !== undefined) {
      const learner = new Learner(this.#options)
      learner.restore(layers)
      this.#learner = learner
    }
    this.frozen = frozen!
    this.timeMs = timeMs!
    this.score = Number.isNaN(score) ? undefined : score
  }

  #features(): string {
    return this.stream.features.map((feature) => feature.name).join(' ')
  }
}
