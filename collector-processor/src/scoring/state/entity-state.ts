import type { Entity } from '@adf/contract'
import { type Course, encodeModel, type Family, Layers, Learner, type LearnerOptions } from '@adf/detectors'
import type { StreamSpec } from '../vector.ts'

const KIND = 'scoring'
const VERSION = 3
const FAMILIES: readonly Family[] = ['marginal', 'contextual', 'collective']

/** All that is kept of one entity of one stream. */
export class EntityState {
  readonly stream: StreamSpec
  readonly entity: Entity
  #learner: Learner | undefined
  readonly #options: LearnerOptions | undefined
  threshold = 1
  /** The threshold that it would have untuned. */
  initialThreshold = 1
  /** Of the last vector; undefined while warming up. */
  score: number | undefined
  timeMs = 0
  /** Vectors of its start that were left out. */
  settled = 0
  dirty = false
  /** Vectors in a row that were withheld because an incident is open. */
  frozen = 0
  /** Who has seen the anomaly of the moment, and for how long. */
  course: Course | undefined

  constructor(stream: StreamSpec, entity: Entity, learner: LearnerOptions | undefined) {
    this.stream = stream
    this.entity = entity
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
        ['course', { data: this.#savedCourse() }],
        ...(this.learner?.layers() ?? []),
      ]),
    })
  }

  /** @throws ModelError, and nothing is changed then. */
  restore(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    layers.same('features', this.#features())
    const [frozen, timeMs, score] = layers.float64('runs', 3)
    const [first, marginal, contextual, collective] = layers.float64('course', 4)
    if (this.#options !== undefined) {
      const learner = new Learner(this.#options)
      learner.restore(layers)
      this.#learner = learner
    }
    this.frozen = frozen!
    this.timeMs = timeMs!
    this.score = Number.isNaN(score) ? undefined : score
    const family = FAMILIES[first!]
    this.course =
      family === undefined
        ? undefined
        : { first: family, marginal: marginal!, contextual: contextual!, collective: collective! }
  }

  #savedCourse(): Float64Array {
    const { course } = this
    if (course === undefined) return Float64Array.of(-1, 0, 0, 0)
    const { first, marginal, contextual, collective } = course
    return Float64Array.of(FAMILIES.indexOf(first), marginal, contextual, collective)
  }

  #features(): string {
    return this.stream.features.map((feature) => feature.name).join(' ')
  }
}
