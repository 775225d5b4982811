/** Thresholds that differ from the initial one. Kept in the store; changed by operators and the tuner. */
export interface ThresholdStore {
  list(): Promise<readonly ThresholdRow[]>
  get(entityId: string, stream: string): Promise<number | undefined>
  /** Resolves when the value is committed. */
  set(row: ThresholdRow): Promise<void>
}

export interface ThresholdRow {
  readonly entityId: string
  readonly stream: string
  readonly threshold: number
}

/** Learned state, one model file (docs/formats/model.md) per stream and entity. */
export interface DetectorStateStore {
  load(stream: string, entityId: string): Promise<Uint8Array | undefined>
  /** All or none; replaces older rows. */
  saveMany(rows: readonly DetectorStateRow[]): Promise<void>
}

export interface DetectorStateRow {
  readonly stream: string
  readonly entityId: string
  readonly state: Uint8Array
}

/** True while an incident is open on the entity: what it does then is not normal operation, so nothing is learned. */
export type Frozen = (entityId: string) => boolean
