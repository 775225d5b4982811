import type { Threshold, ThresholdChange } from '@adf/contract'
import type { GroupCommit } from '@adf/service'
import type { Kysely, Selectable } from 'kysely'
import type { Tables } from '../schema.ts'
import type {
  RollbackOutcome,
  RollbackWish,
  ThresholdFilter,
  ThresholdOutcome,
  ThresholdStore,
  ThresholdWish,
} from '../store.ts'
import { latestOf } from './counter.ts'
import type { RowReader } from './rows.ts'
import { changeThreshold, rollBackThresholds, toChange } from './threshold-change.ts'
import { thresholdOf } from './threshold-row.ts'

type Row = Selectable<Tables['thresholds']>

export class SqlThresholds implements ThresholdStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader
  readonly #most: number

  /** @param most thresholds that differ from the initial one */
  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader, most: number) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
    this.#most = most
  }

  async all(): Promise<Threshold[]> {
    const rows = await this.#db
      .selectFrom('thresholds')
      .selectAll()
      .orderBy('stream')
      .orderBy('entity_id')
      .execute()
    return this.#read(rows)
  }

  async page(filter: ThresholdFilter): Promise<{ items: Threshold[]; next_cursor: string | null }> {
    let query = this.#db.selectFrom('thresholds').selectAll()
    if (filter.stream !== undefined) query = query.where('stream', '=', filter.stream)
    if (filter.entity !== undefined) query = query.where('entity_id', '=', filter.entity)
    const after = filter.cursor === undefined ? undefined : place(filter.cursor)
    if (after !== undefined) {
      query = query.where((where) =>
        where.or([
          where('stream', '>', after.stream),
          where.and([where('stream', '=', after.stream), where('entity_id', '>', after.entity)]),
        ]),
      )
    }
    const rows = await query
      .orderBy('stream')
      .orderBy('entity_id')
      .limit(filter.limit + 1)
      .execute()
    const page = rows.slice(0, filter.limit)
    const last = page.at(-1)
    const more = rows.length > filter.limit && last !== undefined
    return { items: this.#read(page), next_cursor: more ? `${last.stream}:${last.entity_id}` : null }
  }

  change(wish: ThresholdWish): Promise<ThresholdOutcome> {
    return this.#commit.write((db) => changeThreshold(db, this.#rows, wish, this.#most))
  }

  rollback(wish: RollbackWish): Promise<RollbackOutcome> {
    return this.#commit.write((db) => rollBackThresholds(db, this.#rows, wish, this.#most))
  }

  version(): Promise<number> {
    return latestOf(this.#db, 'thresholds')
  }

  async since(version: number, limit: number): Promise<ThresholdChange[]> {
    const changes: ThresholdChange[] = []
    let last = version
    // A page of rows that cannot be read must not hide what comes after it.
    for (let full = true; full && changes.length === 0; ) {
      const rows = await this.#db
        .selectFrom('threshold_changes')
        .selectAll()
        .where('version', '>', last)
        .orderBy('version')
        .limit(limit)
        .execute()
      changes.push(...this.#changes(rows))
      last = Number(rows.at(-1)?.version ?? last)
      full = rows.length === limit
    }
    return changes
  }

  async history(filter: ThresholdFilter): Promise<{ items: ThresholdChange[]; next_cursor: string | null }> {
    let query = this.#db.selectFrom('threshold_changes').selectAll()
    if (filter.stream !== undefined) query = query.where('stream', '=', filter.stream)
    if (filter.entity !== undefined) query = query.where('entity_id', '=', filter.entity)
    if (filter.cursor !== undefined) query = query.where('version', '<', Number(filter.cursor))
    const rows = await query
      .orderBy('version', 'desc')
      .limit(filter.limit + 1)
      .execute()
    const page = rows.slice(0, filter.limit)
    const last = page.at(-1)
    const more = rows.length > filter.limit && last !== undefined
    return { items: this.#changes(page), next_cursor: more ? String(last.version) : null }
  }

  #changes(rows: readonly Selectable<Tables['threshold_changes']>[]): ThresholdChange[] {
    return this.#rows.all('threshold_changes', rows, (row) => String(row.version), toChange)
  }

  #read(rows: readonly Row[]): Threshold[] {
    return this.#rows.all('thresholds', rows, (row) => `${row.stream}:${row.entity_id}`, thresholdOf)
  }
}

/** A stream's name holds no colon, an entity's id may. */
function place(cursor: string): { stream: string; entity: string } {
  const colon = cursor.indexOf(':')
  return colon < 0
    ? { stream: cursor, entity: '' }
    : { stream: cursor.slice(0, colon), entity: cursor.slice(colon + 1) }
}
