import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

interface Before {
  verdicts: {
    id: string
    target_kind: string
    target_id: string
    author: string
    verdict: string
    cause: string | null
    note: string | null
    time_ms: number
  }
  verdict_log: {
    cursor: number
    verdict_id: string
    target_kind: string
    target_id: string
    author: string
    verdict: string
    cause: string | null
    note: string | null
    time_ms: number
    previous: string | null
    withdrawn: number
    episodes: string | null
    logged_ms: number
  }
  counters: { name: string; value: number }
}

/** Verdicts in the order in which they came. Of those of before, which tell no episodes, these are gathered when they are read. */
export const verdictLog: Migration = {
  async up(db: Kysely<Before>) {
    const { schema } = db
    for (const column of ['severity', 'threshold'])
      await schema.alterTable('anomalies').addColumn(column, 'double precision').execute()
    await schema
      .createTable('verdict_log')
      .addColumn('cursor', 'bigint', (c) => c.primaryKey().notNull())
      .addColumn('verdict_id', 'text', (c) => c.notNull())
      .addColumn('target_kind', 'text', (c) => c.notNull())
      .addColumn('target_id', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('verdict', 'text', (c) => c.notNull())
      .addColumn('cause', 'text')
      .addColumn('note', 'text')
      .addColumn('time_ms', 'bigint', (c) => c.notNull())
      .addColumn('previous', 'text')
      .addColumn('withdrawn', 'integer', (c) => c.notNull())
      .addColumn('episodes', 'text')
      .addColumn('logged_ms', 'bigint', (c) => c.notNull())
      .execute()
    await schema.createIndex('verdict_log_verdict').on('verdict_log').column('verdict_id').execute()
    await schema.createIndex('verdict_log_logged').on('verdict_log').column('logged_ms').execute()

    const given = await db.selectFrom('verdicts').selectAll().orderBy('time_ms').orderBy('id').execute()
    for (const [at, { id, ...same }] of given.entries())
      await db
        .insertInto('verdict_log')
        .values({
          ...same,
          cursor: at + 1,
          verdict_id: id,
          previous: null,
          withdrawn: 0,
          episodes: null,
          logged_ms: same.time_ms,
        })
        .execute()
    await db.insertInto('counters').values({ name: 'verdict_log', value: given.length }).execute()
  },
  async down(db: Kysely<Before>) {
    const { schema } = db
    await schema.dropTable('verdict_log').execute()
    for (const column of ['severity', 'threshold'])
      await schema.alterTable('anomalies').dropColumn(column).execute()
    await db.deleteFrom('counters').where('name', '=', 'verdict_log').execute()
  },
}
