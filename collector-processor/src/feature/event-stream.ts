import type { Entity } from '@adf/contract'
import type { FeatureVector, StreamSpec } from '../scoring/vector.ts'
import { cutText } from '../telemetry/cut-text.ts'
import { Frequency } from './frequency.ts'
import type { EventReason } from './losses.ts'
import type { DeclaredFeature, DeclaredStream } from './streams.ts'

/** A decoded JSON event. */
export type EventFields = Readonly<Record<string, unknown>>

export type EventOutcome =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: EventReason; readonly message: string }

/** What is remembered of the entity of an event. */
export interface EventEntity {
  readonly entity: Entity
  readonly frequencies: readonly (Frequency | undefined)[]
  seenMs: number
  latest: FeatureVector | undefined
}

export class EventError extends Error {
  readonly reason: EventReason

  constructor(reason: EventReason, message: string) {
    super(message)
    this.reason = reason
  }
}

const MAX_KEY = 512

/** A declared stream of kind `event`: reads events into vectors, one each. */
export class EventStream {
  readonly spec: StreamSpec
  /** How long an entity has to be remembered for its frequencies, ms. */
  readonly memoryMs: number
  readonly #declared: DeclaredStream
  readonly #features: readonly (readonly [string, DeclaredFeature])[]

  constructor(name: string, declared: DeclaredStream) {
    this.#declared = declared
    this.#features = Object.entries(declared.features)
    this.memoryMs = Math.max(0, ...this.#features.map(([, each]) => each.frequency?.window ?? 0))
    this.spec = {
      name,
      entityKind: 'event',
      features: this.#features.map(([feature, { unit, direction, symptom, min, max }]) => ({
        name: feature,
        unit: unit ?? '',
        direction: direction ?? 'both',
        symptom,
        min,
        max,
      })),
    }
  }

  /** The event's entity. Throws EventError. */
  key(fields: EventFields): string {
    const field = this.#declared.entity
    if (field === undefined) return this.spec.name
    const value = lookUp(fields, field)
    if ((typeof value === 'string' && value !== '') || typeof value === 'number')
      return cutText(String(value), MAX_KEY)
    throw new EventError(
      'no_entity',
      `${field} is ${shown(value)}, expected the entity's name (a string or a number)`,
    )
  }

  remember(key: string): EventEntity {
    return {
      entity: { id: key, kind: 'event' },
      frequencies: this.#features.map(([, { frequency }]) => frequency && new Frequency(frequency.window)),
      seenMs: 0,
      latest: undefined,
    }
  }

  /** Time of an event in ms, from 1970 on: its own, else its arrival. Throws EventError. */
  time(fields: EventFields, arrivalMs: number): number {
    const value = lookUp(fields, this.#declared.time)
    if (value === undefined || value === null) return arrivalMs
    const time = instant(value)
    if (Number.isNaN(time))
      throw new EventError(
        'bad_time',
        `${this.#declared.time} is ${shown(value)}, expected RFC 3339 or Unix milliseconds`,
      )
    if (time < 0 || time > LATEST_MS)
      throw new EventError(
        'bad_time',
        `${this.#declared.time} is ${shown(value)}, which is ${time < 0 ? 'before 1970' : 'after the year 9999'}`,
      )
    return time
  }

  /** Reads the event. Throws EventError when a field is of the wrong type or no feature has a value; nothing is counted then. */
  vector(of: EventEntity, fields: EventFields, timeMs: number, arrivalMs: number): FeatureVector {
    const values = Float64Array.from(this.#features, ([name, each]) =>
      this.#value(name, each, fields, timeMs),
    )
    if (values.every(Number.isNaN) && of.frequencies.every((one) => one === undefined))
      throw new EventError(
        'no_number',
        `the event has no number in any of ${this.spec.features.map(({ name }) => name).join(', ')}`,
      )
    for (const [at, frequency] of of.frequencies.entries()) if (frequency) values[at] = frequency.add(timeMs)
    return { stream: this.spec, entity: of.entity, timeMs, arrivalMs, values }
  }

  #value(name: string, { from, hour_of_day }: DeclaredFeature, fields: EventFields, timeMs: number): number {
    if (hour_of_day === undefined) {
      const field = from ?? name
      const value = lookUp(fields, field) ?? Number.NaN
      if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN
      throw new EventError('no_number', `${field} is ${shown(value)}, expected a number`)
    }
    const value = lookUp(fields, hour_of_day)
    const missing = value === undefined || value === null
    const time = missing && hour_of_day === this.#declared.time ? timeMs : instant(value)
    if (!missing && Number.isNaN(time))
      throw new EventError(
        'bad_time',
        `${hour_of_day} is ${shown(value)}, expected RFC 3339 or Unix milliseconds`,
      )
    return (((time % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS
  }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Later times, and those before the year 0, have no RFC 3339 form: what is stored with them could not be read back. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function instant(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) && value > 0 ? value : Number.NaN
  return typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : Number.NaN
}

/** A field by its whole name, else by its path. */
function lookUp(fields: EventFields, path: string): unknown {
  if (Object.hasOwn(fields, path)) return fields[path]
  let at: unknown = fields
  for (const part of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = Reflect.get(at, part)
  }
  return at
}

/** Objects and arrays by their kind: they may be deeper than JSON.stringify can go. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60)
}
