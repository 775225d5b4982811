import type { Entity } from '@adf/contract'
import {
  type Course,
  encodeModel,
  type Family,
  type Layer,
  Layers,
  Learner,
  type LearnerOptions,
} from '@adf/detectors'
import type { Fence } from '../../store/shard.ts'
import type { SeverityMinutes } from '../history/minutes.ts'
import type { FeatureVector, Origin, StreamSpec } from '../vector.ts'

const KIND = 'scoring'
const VERSION = 6
const FAMILIES: readonly Family[] = ['marginal', 'contextual', 'collective']

/** All that is kept of one entity of one stream. */
export class EntityState {
  readonly stream: StreamSpec
  readonly entity: Entity
  /** Of the shard that it is scored in; undefined where there are none. */
  readonly fence: Fence | undefined
  /** Of the last event that came in a log. */
  origin: Origin | undefined
  #restoredMs = Number.NEGATIVE_INFINITY
  #learner: Learner | undefined
  #version: string | undefined
  threshold = 1
  /** The threshold that it would have untuned. */
  initialThreshold = 1
  /** Of the last vector; undefined while warming up. */
  score: number | undefined
  /** The same, without its upper end. */
  severity: number | undefined
  /** What it was by the minute; undefined before the first score. */
  minutes: SeverityMinutes | undefined
  timeMs = 0
  /** Event time of the latest vector that came, be it that it still waits for the state to be read. */
  wantedMs = 0
  /** Vectors of its start that were left out. */
  settled = 0
  dirty = false
  /** Vectors in a row that were withheld because an incident is open. */
  frozen = 0
  /** Its last vector was. */
  anomalous = false
  /** Who has seen the anomaly of the moment, and for how long. */
  course: Course | undefined
  /** Event time of its first vector. */
  oddSinceMs = 0

  constructor(stream: StreamSpec, entity: Entity, learner: LearnerOptions | undefined, fence?: Fence) {
    this.stream = stream
    this.entity = entity
    this.fence = fence
    this.#learner = learner && new Learner(learner)
  }

  /** Whether this vector was scored before: by this process, or by the one whose saved state this was. */
  scoredBefore({ timeMs, origin }: Pick<FeatureVector, 'timeMs' | 'origin'>): boolean {
    if (origin === undefined) return this.stream.entityKind !== 'event' && timeMs <= this.#restoredMs
    const last = this.origin
    if (last?.source !== origin.source) return false
    return origin.offset < last.offset || (origin.offset === last.offset && origin.index <= last.index)
  }

  /** True when it runs another version than before. */
  runs(version: string | undefined): boolean {
    if (version === undefined || version === this.#version) return false
    const changed = this.#version !== undefined
    this.#version = version
    return changed
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
        ['version', { data: this.#version ?? '' }],
        ['course', { data: this.#savedCourse() }],
        ...(this.origin === undefined ? [] : originLayers(this.origin)),
        ...(this.#beyond ? [severityLayer(this.severity ?? 1)] : []),
        ...(this.learner?.layers() ?? []),
      ]),
    })
  }

  /** @param options as its learner was made @throws ModelError, and nothing is changed then. */
  restore(bytes: Uint8Array, options: LearnerOptions | undefined): void {
    const layers = new Layers(bytes, KIND, VERSION)
    layers.same('features', this.#features())
    const [frozen, timeMs, score] = layers.float64('runs', 3)
    const [first, marginal, contextual, collective, sinceMs] = layers.float64('course', 5)
    if (options !== undefined) {
      const learner = new Learner(options)
      learner.restore(layers)
      this.#learner = learner
    }
    this.frozen = frozen!
    this.#version = layers.text('version') || undefined
    this.timeMs = timeMs!
    this.#restoredMs = timeMs!
    this.origin = originOf(layers)
    this.score = Number.isNaN(score) ? undefined : score
    this.severity = layers.has('severity') ? layers.float64('severity', 1)[0]! : this.score
    this.oddSinceMs = sinceMs!
    const family = FAMILIES[first!]
    this.course =
      family === undefined
        ? undefined
        : { first: family, marginal: marginal!, contextual: contextual!, collective: collective! }
    this.anomalous = this.course !== undefined
  }

  /** Only then does its score not say it all. */
  get #beyond(): boolean {
    return this.severity !== undefined && this.severity > 1
  }

  #savedCourse(): Float64Array {
    const { course } = this
    if (course === undefined) return Float64Array.of(-1, 0, 0, 0, 0)
    const { first, marginal, contextual, collective } = course
    return Float64Array.of(FAMILIES.indexOf(first), marginal, contextual, collective, this.oddSinceMs)
  }

  #features(): string {
    return this.stream.features.map((feature) => feature.name).join(' ')
  }
}

const severityLayer = (severity: number): [string, Layer] => ['severity', { data: Float64Array.of(severity) }]

const originLayers = ({ source, offset, index, atMs }: Origin): [string, Layer][] => [
  ['source', { data: source }],
  ['offset', { data: Float64Array.of(offset, index, atMs) }],
]

function originOf(layers: Layers): Origin | undefined {
  if (!layers.has('source')) return undefined
  const [offset, index, atMs] = layers.float64('offset', 3)
  return { source: layers.text('source'), offset: offset!, index: index!, atMs: atMs! }
}
