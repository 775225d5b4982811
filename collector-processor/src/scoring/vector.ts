import type { Entity } from '@adf/contract'

/** A stream as declared in config: a named list of features for one kind of entity. */
export interface StreamSpec {
  readonly name: string
  readonly entityKind: Entity['kind']
  readonly features: readonly FeatureSpec[]
}

export interface FeatureSpec {
  readonly name: string
  /** UCUM-like unit for texts: 'ms', '%', '1/s', '1', 'MB', 'Mbit/s', ''. */
  readonly unit: string
  /** Which deviation is bad. `high`: only larger than normal counts. */
  readonly direction: 'high' | 'low' | 'both'
  /** Users suffer when it is off (latency, errors): such a change is an incident, however long it lasts. */
  readonly symptom?: boolean | undefined
  /** Fixed limits of the rules detector; undefined = none. */
  readonly max?: number | undefined
  readonly min?: number | undefined
}

/** Where in an ordered log an event stands: an event at or before one that was learned from is that event come again. */
export interface Origin {
  /** The log, such as one partition of a topic. */
  readonly source: string
  readonly offset: number
  /** Among the events of one message. */
  readonly index: number
  /** When it came into the log. */
  readonly atMs: number
}

/** One value per feature of a stream, for one entity, at one time. A missing value is NaN, never 0; ±Inf never occurs. */
export interface FeatureVector {
  readonly stream: StreamSpec
  readonly entity: Entity
  /** `service.version` of what runs now, where it is known. */
  readonly version?: string | undefined
  /** Event time of the end of the window. */
  readonly timeMs: number
  /** Arrival of the last sample that went into it. */
  readonly arrivalMs: number
  readonly values: Float64Array
  /** Of an event that came in a log. */
  readonly origin?: Origin | undefined
}
