import type { FeatureVector, Origin } from '../scoring/vector.ts'
import { type EntityReport, reportFeatures } from './entity-report.ts'
import {
  type EventEntity,
  EventError,
  type EventFields,
  type EventOutcome,
  EventStream,
} from './event-stream.ts'
import type { Losses } from './losses.ts'
import type { DeclaredStreams } from './streams.ts'

const QUEUE_LIMIT = 100_000

/** The declared streams of events: takes events, and holds their vectors until the next step. */
export class EventIntake {
  readonly #streams = new Map<string, { stream: EventStream; entities: Map<string, EventEntity> }>()
  readonly #losses: Losses
  readonly #maxSkewMs: number
  #waiting: FeatureVector[] = []
  #entities = 0

  constructor(declared: DeclaredStreams, maxSkewMs: number, losses: Losses) {
    this.#losses = losses
    this.#maxSkewMs = maxSkewMs
    for (const [name, each] of Object.entries(declared))
      if (each.kind === 'event')
        this.#streams.set(name, { stream: new EventStream(name, each), entities: new Map() })
  }

  get entities(): number {
    return this.#entities
  }

  get specs() {
    return [...this.#streams.values()].map(({ stream }) => stream.spec)
  }

  /** Takes one event. `room`: another entity may be begun. What is refused is counted and changes nothing. */
  take(name: string, fields: EventFields, arrivalMs: number, room: boolean, origin?: Origin): EventOutcome {
    try {
      this.#take(name, fields, arrivalMs, room, origin)
      return { accepted: true }
    } catch (error) {
      if (!(error instanceof EventError)) throw error
      this.#losses.events.inc({ reason: error.reason })
      return { accepted: false, reason: error.reason, message: error.message }
    }
  }

  /** Vectors that were not emitted yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** The vectors since the last call, in order of arrival. Those that have to wait come with the next call. */
  drain(emit: (vector: FeatureVector) => void, waits: (vector: FeatureVector) => boolean): void {
    if (this.#waiting.length === 0) return
    const vectors = this.#waiting
    this.#waiting = []
    for (const vector of vectors) {
      if (waits(vector)) this.#waiting.push(vector)
      else emit(vector)
    }
  }

  /** Forgets entities without an event since `staleMs`, longer where a frequency looks further back. */
  forget(nowMs: number, staleAfterMs: number): void {
    for (const { stream, entities } of this.#streams.values()) {
      const keepMs = Math.max(staleAfterMs, stream.memoryMs)
      for (const [key, entity] of entities)
        if (nowMs - entity.seenMs > keepMs) {
          entities.delete(key)
          this.#entities--
        }
    }
  }

  reports(): EntityReport[] {
    return [...this.#streams.values()].flatMap(({ stream, entities }) =>
      [...entities.values()].map(
        ({ entity, seenMs, latest }): EntityReport => ({
          entity,
          lastSeenMs: seenMs,
          streams: [
            {
              stream: stream.spec.name,
              timeMs: latest?.timeMs,
              features: reportFeatures(
                stream.spec.features,
                latest?.values,
                () => 'its field was not in the latest event',
              ),
            },
          ],
          dialects: [],
          delayMs: undefined,
          skewMs: 0,
          problem: undefined,
        }),
      ),
    )
  }

  #take(name: string, fields: EventFields, arrivalMs: number, room: boolean, origin?: Origin): void {
    const found = this.#streams.get(name)
    if (found === undefined)
      throw new EventError(
        'unknown_stream',
        `no stream ${JSON.stringify(name.slice(0, 60))} of events is declared in config`,
      )
    const { stream, entities } = found
    const key = stream.key(fields)
    // Of one that is read again the arrival is another one.
    const timeMs = stream.time(fields, origin?.atMs ?? arrivalMs)
    if (timeMs > arrivalMs + this.#maxSkewMs)
      throw new EventError('future', `its time is ${Math.round((timeMs - arrivalMs) / 1000)} s in the future`)
    if (this.#waiting.length >= QUEUE_LIMIT)
      throw new EventError('queue_full', 'too many events wait for the next step; send this one again later')
    const known = entities.get(key)
    if (known === undefined && !room)
      throw new EventError('entity_limit', 'edge.max_entities entities are scored already')
    const entity = known ?? stream.remember(key)
    const vector = { ...stream.vector(entity, fields, timeMs, arrivalMs), ...(origin && { origin }) }
    if (known === undefined) {
      entities.set(key, entity)
      this.#entities++
    }
    entity.seenMs = arrivalMs
    entity.latest = vector
    this.#waiting.push(vector)
  }
}
