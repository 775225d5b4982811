import type { Entity } from '@adf/contract'
import type { ScoreBlock } from '../store/score-block.ts'
import type { Fence, HomeStore } from '../store/shard.ts'

/** Thresholds that differ from the initial one. The store has them; whoever sets one tells the engine (`followThresholds`). */
export interface ThresholdStore {
  all(): Promise<readonly ThresholdRow[]>
  /** Of the latest change; 0 before the first. */
  version(): Promise<number>
  /** What changed after a version, in order, `limit` changes at most. */
  since(version: number, limit: number): Promise<readonly ThresholdStep[]>
}

interface ThresholdStep {
  readonly version: number
  readonly stream: string
  readonly entity_id: string
  /** null: it is tuned no more. */
  readonly to: number | null
}

interface ThresholdRow {
  readonly stream: string
  readonly entity_id: string
  readonly value: number
}

/** Learned state, one model file (docs/formats/model.md) per stream and entity. */
export interface DetectorStateStore {
  load(stream: string, entityId: string): Promise<Uint8Array | undefined>
  /** All or none but those that are refused, since another process has their shard by now or their entity is at home elsewhere: these are resolved to. Replaces older rows. */
  saveMany(rows: readonly DetectorStateRow[]): Promise<readonly DetectorStateRow[]>
}

export interface DetectorStateRow {
  readonly stream: string
  readonly entityId: string
  readonly state: Uint8Array
  /** Of an entity of a shard. */
  readonly fence?: Fence | undefined
}

/** Where entities of shards are at home. */
export type Homes = Pick<HomeStore, 'settle'>

/**
 * Whether an open incident reaches the entity: what it does then is not normal operation, so nothing is learned. `own`: an incident of
 * this entity alone, nothing else is wrong, as when it was changed for good.
 */
export type Disturbance = (entity: Entity) => 'none' | 'own' | 'wider'

/** Severities by the minute. */
export interface ScoreHistoryStore {
  /** All or none; again with the same ones is without effect. */
  merge(blocks: readonly ScoreBlock[]): Promise<void>
}
