import { MissedIncident } from '@adf/contract/feedback'
import type { Selectable } from 'kysely'
import type { MissedStore } from '../feedback-store.ts'
import type { Tables } from '../schema.ts'
import type { AuditLine, Page, PageQuery } from '../store.ts'
import { type Context, cursorAt, instant, note, pageOf, placeOf } from './context.ts'

export class SqlMissed implements MissedStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  report(missed: MissedIncident, audit: readonly AuditLine[]): Promise<MissedIncident> {
    const { id, service, note: words, started_at, ended_at, reported_at, entities } = missed
    const [started_ms, author] = [Date.parse(started_at), missed.author ?? '']
    return this.#context.commit.write(async (db) => {
      const stored = await db
        .selectFrom('missed_incidents')
        .selectAll()
        .where('service', '=', service)
        .where('started_ms', '=', started_ms)
        .where('author', '=', author)
        .executeTakeFirst()
      if (stored !== undefined) return toMissed(stored)
      await db
        .insertInto('missed_incidents')
        .values({
          id,
          service,
          started_ms,
          ended_ms: Date.parse(ended_at),
          note: words,
          author,
          reported_ms: Date.parse(reported_at),
          entities: JSON.stringify(entities),
        })
        .execute()
      await note(db, audit)
      return missed
    })
  }

  async page({ limit, cursor }: PageQuery): Promise<Page<MissedIncident>> {
    let query = this.#context.db.selectFrom('missed_incidents').selectAll()
    if (cursor !== undefined) {
      const { ms, id } = placeOf(cursor)
      query = query.where((where) =>
        where.or([
          where('started_ms', '<', ms),
          where.and([where('started_ms', '=', ms), where('id', '<', id)]),
        ]),
      )
    }
    const rows = await query
      .orderBy('started_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, (row) => cursorAt(Number(row.started_ms), row.id), toMissed)
  }

  async between(fromMs: number, toMs: number, limit: number): Promise<MissedIncident[]> {
    const rows = await this.#context.db
      .selectFrom('missed_incidents')
      .selectAll()
      .where('started_ms', '>=', fromMs)
      .where('started_ms', '<', toMs)
      .orderBy('started_ms', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toMissed)
  }
}

const toMissed = (row: Selectable<Tables['missed_incidents']>): MissedIncident => ({
  id: row.id,
  service: row.service,
  started_at: instant(row.started_ms),
  ended_at: instant(row.ended_ms),
  note: row.note,
  author: row.author === '' ? null : row.author,
  reported_at: instant(row.reported_ms),
  entities: MissedIncident.shape.entities.parse(JSON.parse(row.entities)),
})
