import { Threshold } from '@adf/contract'
import type { GroupCommit } from '@adf/service'
import type { Kysely, Selectable } from 'kysely'
import type { Tables } from '../schema.ts'
import type { ThresholdFilter, ThresholdStore } from '../store.ts'
import type { RowReader } from './rows.ts'

type Row = Selectable<Tables['thresholds']>

export class SqlThresholds implements ThresholdStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
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

  async set(threshold: Threshold): Promise<void> {
    const changed = {
      value: threshold.value,
      source: threshold.source,
      updated_ms: Date.parse(threshold.updated_at),
      updated_by: threshold.updated_by,
    }
    await this.#commit.write((db) =>
      db
        .insertInto('thresholds')
        .values({ stream: threshold.stream, entity_id: threshold.entity_id, ...changed })
        .onConflict((conflict) => conflict.columns(['stream', 'entity_id']).doUpdateSet(changed))
        .execute(),
    )
  }

  remove(stream: string, entityId: string): Promise<boolean> {
    return this.#commit.write(async (db) => {
      const { numDeletedRows } = await db
        .deleteFrom('thresholds')
        .where('stream', '=', stream)
        .where('entity_id', '=', entityId)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    })
  }

  #read(rows: readonly Row[]): Threshold[] {
    return this.#rows.all('thresholds', rows, (row) => `${row.stream}:${row.entity_id}`, toThreshold)
  }
}

/** A stream's name holds no colon, an entity's id may. */
function place(cursor: string): { stream: string; entity: string } {
  const colon = cursor.indexOf(':')
  return colon < 0
    ? { stream: cursor, entity: '' }
    : { stream: cursor.slice(0, colon), entity: cursor.slice(colon + 1) }
}

function toThreshold(row: Row): Threshold {
  return Threshold.parse({
    stream: row.stream,
    entity_id: row.entity_id,
    value: row.value,
    source: row.source,
    updated_at: new Date(Number(row.updated_ms)).toISOString(),
    updated_by: row.updated_by,
  })
}
