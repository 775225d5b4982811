import type { Anomaly } from '@adf/contract'

/** The right to write what is learned and found in a shard. It ends when somebody takes the shard over. */
export interface Fence {
  readonly shard: string
  readonly epoch: number
}

/** Another process has the shard by now: nothing was written. */
export class Fenced extends Error {
  override name = 'Fenced'
  readonly shard: string

  constructor(shard: string) {
    super(`another processor has taken ${shard} over`)
    this.shard = shard
  }
}

/** Where an anomaly was found. */
export interface Found {
  readonly fence: Fence
  /** Time of the step that found it. */
  readonly stepMs: number
  /** The vector of the entity before it was normal. */
  readonly first: boolean
}

export interface ShardMark {
  readonly fence: Fence
  readonly reachedMs: number
}

/** Which process has which part of the work that several share. */
export interface ShardStore {
  /** Takes a shard over: from now on nothing is written with a fence from before. @param name of the shard, for people */
  take(id: string, name: string, member: string, nowMs: number): Promise<Fence>
  /** Whether nobody took it over since. */
  holds(fence: Fence): Promise<boolean>
  /** All that was found up to these times is stored. Those that another process has by now are passed over, and resolved to. */
  reach(marks: readonly ShardMark[], nowMs: number): Promise<readonly Fence[]>
  /** The least time that was reached, of the shards that were heard of since then; undefined when none was. */
  reachedMs(heardSinceMs: number): Promise<number | undefined>
}

/** What was learned in a shard that is of no entity's detectors, by key, such as templates of logs. It moves with the shard. */
export interface ShardStateStore {
  /** All of it. To be called once the shard was taken: nothing that a former one writes comes in between. */
  load(fence: Fence): Promise<ReadonlyMap<string, Uint8Array>>
  /** All or nothing; null forgets a key. Rejects with Fenced when another process has the shard by now. */
  save(fence: Fence, rows: ReadonlyMap<string, Uint8Array | null>): Promise<void>
}

export interface HomeWish {
  readonly stream: string
  readonly entityId: string
  readonly fence: Fence
  readonly nowMs: number
  /** An entity that was not saved since may get a new home. */
  readonly silentSinceMs: number
}

/** The one shard in which an entity is scored. */
export interface HomeStore {
  /** Whether the entity is at home in the shard of the fence from now on. Rejects with Fenced. */
  settle(wish: HomeWish): Promise<boolean>
}

export interface Finding {
  readonly anomaly: Anomaly
  readonly stepMs: number
  readonly first: boolean
}

/** Anomalies of shards that wait for the reducer. */
export interface FindingStore {
  /** Up to this time, in order of time. Those whose anomaly is gone or cannot be read are left out, and removed. */
  upTo(stepMs: number, limit: number): Promise<Finding[]>
  /** They were looked at. */
  remove(anomalyIds: readonly string[]): Promise<void>
}
