import type {
  AlertMessage,
  Anomaly,
  AnomalyPage,
  Incident,
  IncidentPage,
  IncidentState,
  Stats,
  Threshold,
  ThresholdChange,
  ThresholdSource,
  TimelineEntry,
  Verdict,
  VerdictLog,
} from '@adf/contract'
import type { ScoreBlock } from './score-block.ts'
import type { Fence, FindingStore, Found, HomeStore, ShardStateStore, ShardStore } from './shard.ts'

/**
 * What outlives the process. store.contract.ts is the test suite that every engine passes.
 *
 * Contract: a promise of a write resolves once it is on the disk, and rejects with nothing written. Writes take effect in
 * the order of the calls, also when their promises are not awaited in between. Reads see what was acknowledged before.
 * A row that cannot be read (damaged, or written by a version that did not check) is told to whoever opened the store, and
 * otherwise as if it were not there: it is in no list and not found, but can be removed.
 * Times are milliseconds since the Unix epoch. Ids are UUIDv7 and sort by time; pages go from newest to oldest.
 */
export interface Store {
  readonly anomalies: AnomalyStore
  readonly incidents: IncidentStore
  readonly incidentHistory: IncidentHistory
  readonly verdicts: VerdictStore
  readonly thresholds: ThresholdStore
  readonly scores: ScoreStore
  readonly detectorState: DetectorStateStore
  readonly alertLog: AlertLog
  readonly outbox: AlertOutbox
  readonly followers: FollowerStore
  readonly shards: ShardStore
  readonly shardState: ShardStateStore
  readonly homes: HomeStore
  readonly findings: FindingStore
  readonly graphs: GraphStore
  readonly slo: SloStore
  readonly retention: RetentionStore
  /** Why nothing can be written now, such as a full disk; undefined while it can. */
  fault(): string | undefined
  close(): Promise<void>
}

export interface AnomalyFilter {
  readonly stream?: string | undefined
  readonly minScore?: number | undefined
  readonly entity?: string | undefined
  readonly incident?: string | undefined
  /** Event time, inclusive. */
  readonly fromMs?: number | undefined
  /** Event time, exclusive. */
  readonly toMs?: number | undefined
  readonly limit: number
  /** The last id of the page before. */
  readonly cursor?: string | undefined
}

export interface AnomalyStore {
  /**
   * Again with the same id: without effect.
   *
   * @param found of a shard: it is left for the reducer, too. Rejects with Fenced when another process has the shard by now.
   */
  add(anomaly: Anomaly, found?: Found): Promise<void>
  /** Says which incident the anomalies belong to; ids that are not there are passed over. */
  assign(incidentId: string, anomalyIds: readonly string[]): Promise<void>
  get(id: string): Promise<Anomaly | undefined>
  page(filter: AnomalyFilter): Promise<AnomalyPage>
  /** The latest that have a verdict, their own or else that of their incident, which is then given as theirs; newest first. */
  judged(limit: number): Promise<Anomaly[]>
  /** With its verdicts. False when there is none. */
  remove(id: string): Promise<boolean>
  counts(nowMs: number): Promise<Stats['anomalies']>
}

export interface IncidentFilter {
  readonly state?: IncidentState | undefined
  readonly service?: string | undefined
  /** Any part of the incident from here … */
  readonly fromMs?: number | undefined
  /** … to before here. */
  readonly toMs?: number | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface IncidentStore {
  /** New or changed; its verdict is that of the verdicts, whatever it says itself. Anomalies of a merged one go to the survivor. */
  save(incident: Incident): Promise<void>
  get(id: string): Promise<Incident | undefined>
  page(filter: IncidentFilter): Promise<IncidentPage>
  /** All open ones, oldest first. */
  open(): Promise<Incident[]>
  counts(): Promise<Stats['incidents']>
}

/** What happened to incidents that their latest state does not tell. It goes with its incident. */
export interface IncidentHistory {
  /** False, and not stored, when the incident has as many entries as it may. */
  note(incidentId: string, entry: TimelineEntry): Promise<boolean>
  /** In the order of coming. */
  of(incidentId: string): Promise<TimelineEntry[]>
}

/** What a verdict did to its target: what the target's verdict was before, and is now. */
export interface Judged {
  readonly verdict: Verdict
  readonly previous: Verdict['verdict'] | null
  readonly current: Verdict['verdict'] | null
}

export interface VerdictStore {
  /**
   * Stores it, in place of an earlier one of the same author on the same target, whose id it keeps; marks the target, and
   * puts it into the log. Undefined when there is no such target.
   */
  give(verdict: Verdict): Promise<Judged | undefined>
  /**
   * Takes it back: the target has the latest of the others, or none. `gone`: it was taken back before. Undefined when there
   * is none, or the log has forgotten it.
   */
  withdraw(id: string, nowMs: number): Promise<Judged | 'gone' | undefined>
  /** As they were given, changed and withdrawn, from the first after the cursor on. Cursors grow and are never used twice. */
  log(after: number, limit: number): Promise<VerdictLog>
  /** Of one anomaly or incident, oldest first. */
  of(target: string): Promise<Verdict[]>
  /** Incidents with a verdict, and those of them whose first-ranked cause was confirmed. */
  rootCauses(): Promise<{ judged: number; confirmed: number }>
}

export interface ThresholdFilter {
  readonly stream?: string | undefined
  readonly entity?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface ThresholdWish {
  readonly stream: string
  readonly entityId: string
  /** null: the initial one. */
  readonly value: number | null
  readonly source: ThresholdSource
  readonly reason: string | null
  readonly by: string | null
  readonly nowMs: number
  /** The version that it must have; 0: the initial one must be in force. */
  readonly ifVersion?: number | undefined
}

/** `same`: nothing had to change. The others say what is there instead, and nothing was changed. */
export type ThresholdOutcome =
  | { readonly kind: 'changed' | 'same' | 'overridden'; readonly threshold: Threshold | null }
  | { readonly kind: 'conflict'; readonly version: number }
  | TooManyThresholds

export interface RollbackWish {
  /** Left out: all. */
  readonly entity?: { readonly stream: string; readonly entityId: string } | undefined
  /** Takes back what came after it; left out: the last change that is not taken back yet. */
  readonly toVersion?: number | undefined
  /** A tuner takes nothing back that an operator holds. */
  readonly source: ThresholdSource
  readonly reason: string | null
  readonly by: string | null
  readonly nowMs: number
}

/** There would be more thresholds than there may be: nothing was changed. */
interface TooManyThresholds {
  readonly kind: 'too_many'
  readonly most: number
}

export type RollbackOutcome =
  /** Of one entity; of all, what operators hold is left out. */
  | { readonly kind: 'overridden'; readonly threshold: Threshold }
  | { readonly kind: 'done'; readonly changes: ThresholdChange[] }
  | { readonly kind: 'never_changed' }
  /** There is no such version; this is the latest. */
  | { readonly kind: 'ahead'; readonly latest: number }
  /** Retention took changes that came after it, up to this one. */
  | { readonly kind: 'forgotten'; readonly swept: number }
  | TooManyThresholds

/** Thresholds that differ from the initial one, and how they came to be. Each change has a version of its own; they grow over all. */
export interface ThresholdStore {
  all(): Promise<Threshold[]>
  /** Ordered by stream and entity. */
  page(filter: ThresholdFilter): Promise<{ items: Threshold[]; next_cursor: string | null }>
  /** With its history or not at all. */
  change(wish: ThresholdWish): Promise<ThresholdOutcome>
  rollback(wish: RollbackWish): Promise<RollbackOutcome>
  /** Version of the latest change; 0 before the first. */
  version(): Promise<number>
  /** Changes after a version, whoever made them, in their order. */
  since(version: number, limit: number): Promise<ThresholdChange[]>
  /** Newest first. The cursor is a version. */
  history(filter: ThresholdFilter): Promise<{ items: ThresholdChange[]; next_cursor: string | null }>
}

/** Severities by the minute (score-block.ts). */
export interface ScoreStore {
  /** All or none. Of a minute that is there already the larger severity stays, so that a block may come again, and in parts. */
  merge(blocks: readonly ScoreBlock[]): Promise<void>
  /** Blocks with minutes from here to before there, in order. */
  between(stream: string, entityId: string, fromMs: number, toMs: number): Promise<ScoreBlock[]>
  /** Whether there is any block of the entity. */
  has(stream: string, entityId: string): Promise<boolean>
  /** Deletes blocks that ended before, some `chunk` of them; resolves to how many went, 0 when none is left. Some may stay until their day is over for so long. */
  sweep(olderThanMs: number, chunk: number): Promise<number>
}

export interface DetectorState {
  readonly stream: string
  readonly entityId: string
  readonly state: Uint8Array
  /** Of an entity of a shard. */
  readonly fence?: Fence | undefined
}

/** What detectors learned, as bytes of theirs, by stream and entity. */
export interface DetectorStateStore {
  load(stream: string, entityId: string): Promise<Uint8Array | undefined>
  /** All or none but those that are refused, since their shard is another process's by now or their entity is at home elsewhere: these are resolved to. Replaces earlier ones. */
  saveMany(states: readonly DetectorState[]): Promise<readonly DetectorState[]>
}

/**
 * The order in which anomalies and incidents were published, for clients that come back. Compacted: an incident has one
 * place, that of its latest change. Cursors grow and are never used twice.
 */
export interface AlertLog {
  append(type: AlertMessage['type'], id: string, nowMs: number): Promise<number>
  /** What was published after the cursor and is still there, as it is now, in order. */
  after(cursor: number, limit: number): Promise<AlertMessage[]>
  /** Cursors below `oldest` have lost something to retention; `latest` is the last one given out. Both 0 at first. */
  bounds(): Promise<{ oldest: number; latest: number }>
}

/** An alert as it was first sent: labels are its identity at Alertmanager and never change. */
export interface OutgoingAlert {
  /** Of its incident; `slo:…` for that of a service-level objective. */
  readonly incidentId: string
  readonly labels: Readonly<Record<string, string>>
  readonly startsMs: number
  /** null while it fires. */
  readonly endsMs: number | null
}

export interface AlertOutbox {
  /** Again with the same incident: without effect; resolves to the one that is stored. */
  open(alert: OutgoingAlert): Promise<OutgoingAlert>
  end(incidentId: string, endsMs: number): Promise<void>
  /** Those that fire, or ended at or after `endedSinceMs`. */
  pending(endedSinceMs: number): Promise<OutgoingAlert[]>
}

/** How far those have come who hand a log of the store on. */
export interface FollowerStore {
  /** Undefined: it never was anywhere. */
  cursor(name: string): Promise<number | undefined>
  moved(name: string, cursor: number): Promise<void>
}

/** The graph of one time, as bytes of whoever keeps it. */
export interface StoredGraph {
  readonly atMs: number
  readonly body: Uint8Array
}

/** The graph as it was. */
export interface GraphStore {
  /** Again with the same time: in its place. The oldest give way while all bodies together are larger than `maxBytes`; the latest stays. */
  save(graph: StoredGraph, maxBytes: number): Promise<void>
  /** The latest at or before this time. */
  at(ms: number): Promise<StoredGraph | undefined>
}

/** What a service-level objective is measured by, and since when. */
export interface SloIndicator {
  readonly service: string
  /** `availability`, `latency:300` */
  readonly indicator: string
  readonly sinceMs: number
  /** Latest time that request metrics counted; null when spans alone did. */
  readonly metricsUntilMs: number | null
}

/** Requests from `startMs` to before `startMs + stepMs`. */
export interface SloCounts {
  readonly stepMs: number
  readonly startMs: number
  readonly total: number
  readonly good: number
}

export interface SloSaved extends SloIndicator {
  readonly counts: readonly SloCounts[]
}

/** Requests that were counted for service-level objectives. */
export interface SloStore {
  indicators(): Promise<SloIndicator[]>
  /** Ordered by step and time. */
  counts(service: string, indicator: string): Promise<SloCounts[]>
  /** All or none. Counts take the place of those of the same step and time: saving twice changes nothing. */
  save(rows: readonly SloSaved[]): Promise<void>
  /** Deletes some of the counts by minute and by hour that are older, the oldest first; resolves to how many went, 0 when none is left. */
  forget(before: { readonly minutesMs: number; readonly hoursMs: number }): Promise<number>
}

export interface RetentionStore {
  /** Deletes what is older (state of detectors: not saved since), some `chunk` rows of each kind; resolves to how many went, 0 when none is left. Open incidents and firing alerts stay, and anomalies may until their day is over for so long. */
  sweep(olderThanMs: number, chunk: number): Promise<number>
}
