import type { Incident, Ranking } from '@adf/contract'
import type { Moment } from './moment.ts'

/** What the tracker asks of the rest of the processor, and what it tells it. All calls are synchronous. */
export interface IncidentPorts {
  /** Who calls each of these services directly, by service. Services are ids of the causal graph. */
  callers(services: Iterable<string>): ReadonlyMap<string, readonly string[]>
  /** Services that call one of these, directly or not. */
  blastRadius(services: readonly string[]): readonly string[]
  /** Trace ids that show the trouble, newest first. */
  exemplars(services: readonly string[], sinceMs: number): readonly string[]
  rank(request: RankRequest): Ranking
  newId(): string
  /** Called after each change, with a copy that is the receiver's to keep. Updates come at most once per `updateIntervalMs`. */
  changed(incident: Incident, kind: IncidentChange): void
  /** Anomalies that were told as belonging to no incident, or to another one, belong to this one after all. */
  joined(incidentId: string, anomalyIds: readonly string[]): void
  /** Something for the history of the incident. */
  happened(incidentId: string, moment: Moment): void
  /** An anomaly that is in no incident (or only counted by one), for a reason fit for a label. */
  left(reason: 'too_many_open' | 'incident_full' | 'too_many_runs'): void
  /** The ranking threw; the incident keeps the one it had. */
  failed(error: unknown): void
}

export type IncidentChange = 'opened' | 'updated' | 'merged' | 'resolved'

export interface RankRequest {
  /** Now, and the event time of the first anomaly that is still within the window of the ranking. */
  readonly nowMs: number
  readonly sinceMs: number
  /** Strongest first. */
  readonly symptoms: readonly Symptom[]
  /** Where the cause may lie; undefined: anywhere. */
  readonly scope?: RankScope
  /** Causes named at most; undefined: as many as people read. */
  readonly top?: number
}

/** One incident's share of what is wrong. */
export interface RankScope {
  /** The cause is one of these, or a service that one of these calls, directly or not, … */
  readonly services: readonly string[]
  /** … or runs on one of these hosts; … */
  readonly hosts: readonly string[]
  /** … but none of these, which belong to other incidents, … */
  readonly elsewhere: ReadonlySet<string>
  /** … and nothing that only the causes of other incidents call, directly or not, and not its own. */
  readonly root: string | undefined
  readonly rivals: readonly string[]
}

/** The strongest that was seen of one feature of one service, host or other entity during the incident. */
export interface Symptom {
  readonly stream: string
  readonly service: string | undefined
  readonly host: string | undefined
  readonly feature: string
  readonly value: number
  /** NaN when it is not known what would be normal. */
  readonly expected: number
  /** Score times the feature's share of it, 0 … 1. */
  readonly strength: number
  readonly sinceMs: number
}

export interface IncidentOptions {
  /** Anomalous vectors of one entity in a row before it opens or joins an incident. */
  readonly openAfter: number
  readonly resolveAfterMs: number
  readonly rankWindowMs: number
  readonly maxOpen: number
  readonly maxAnomalies: number
  /** Shortest time between two rankings of one incident after the one shortly after opening. */
  readonly rankIntervalMs?: number
  readonly updateIntervalMs?: number
  /** Rankings between two ticks, over all incidents; the others wait for the next. */
  readonly ranksPerTick?: number
  /** Entities with an anomalous run that are remembered at once. */
  readonly maxRuns?: number
}
