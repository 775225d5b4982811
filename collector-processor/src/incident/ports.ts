import type { Incident, Ranking } from '@adf/contract'

/** What the tracker asks of the rest of the processor, and what it tells it. All calls are synchronous. */
export interface IncidentPorts {
  /** True when trouble can travel between two services along calls. Symmetric. Services are ids of the causal graph. */
  connected(a: string, b: string): boolean
  /** Services that call one of these, directly or not. */
  blastRadius(services: readonly string[]): readonly string[]
  /** Trace ids that show the trouble, newest first. */
  exemplars(services: readonly string[], sinceMs: number): readonly string[]
  rank(request: RankRequest): Ranking
  newId(): string
  /** Called after each change, with a copy that is the receiver's to keep. Updates come at most once per `updateIntervalMs`. */
  changed(incident: Incident, kind: IncidentChange): void
  /** Anomalies that were told as belonging to no incident belong to this one after all. */
  joined(incidentId: string, anomalyIds: readonly string[]): void
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
  readonly services: readonly string[]
  readonly symptoms: readonly Symptom[]
}

/** The strongest that was seen of one feature of one service during the incident. */
export interface Symptom {
  readonly stream: string
  readonly service: string
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
