import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

interface Before {
  thresholds: {
    stream: string
    entity_id: string
    value: number
    source: string
    updated_ms: number
    updated_by: string | null
    version: number
  }
  threshold_changes: {
    version: number
    stream: string
    entity_id: string
    from_value: number | null
    from_source: string | null
    to_value: number | null
    to_source: string | null
    source: string
    reason: string | null
    by: string | null
    at_ms: number
    undoes: number | null
  }
  counters: { name: string; value: number }
}

/** Versions and history of thresholds. Those that are there get their versions in the order in which they were set. */
export const thresholds: Migration = {
  async up(db: Kysely<Before>) {
    const { schema } = db
    // Counted in a row of its own, not by the database: so numbers become visible in their order, also from several processes.
    await schema
      .createTable('counters')
      .addColumn('name', 'text', (c) => c.primaryKey().notNull())
      .addColumn('value', 'bigint', (c) => c.notNull())
      .execute()
    await schema
      .createTable('threshold_changes')
      .addColumn('version', 'bigint', (c) => c.primaryKey().notNull())
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('from_value', 'double precision')
      .addColumn('from_source', 'text')
      .addColumn('to_value', 'double precision')
      .addColumn('to_source', 'text')
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('by', 'text')
      .addColumn('at_ms', 'bigint', (c) => c.notNull())
      .addColumn('undoes', 'bigint')
      .execute()
    await schema
      .createIndex('threshold_changes_entity')
      .on('threshold_changes')
      .columns(['stream', 'entity_id', 'version'])
      .execute()
    await schema.createIndex('threshold_changes_at').on('threshold_changes').column('at_ms').execute()
    await schema
      .alterTable('thresholds')
      .addColumn('version', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute()
    await schema.alterTable('thresholds').addColumn('reason', 'text').execute()

    const set = await db
      .selectFrom('thresholds')
      .selectAll()
      .orderBy('updated_ms')
      .orderBy('stream')
      .orderBy('entity_id')
      .execute()
    for (const [at, { stream, entity_id, value, source, updated_ms, updated_by }] of set.entries()) {
      const version = at + 1
      await db
        .insertInto('threshold_changes')
        .values({
          version,
          stream,
          entity_id,
          from_value: null,
          from_source: null,
          to_value: value,
          to_source: source,
          source,
          reason: null,
          by: updated_by,
          at_ms: updated_ms,
          undoes: null,
        })
        .execute()
      await db
        .updateTable('thresholds')
        .set({ version })
        .where('stream', '=', stream)
        .where('entity_id', '=', entity_id)
        .execute()
    }
    await db
      .insertInto('counters')
      .values([
        { name: 'thresholds', value: set.length },
        { name: 'thresholds_swept', value: 0 },
      ])
      .execute()
  },
  async down({ schema }: Kysely<unknown>) {
    for (const column of ['version', 'reason'])
      await schema.alterTable('thresholds').dropColumn(column).execute()
    await schema.dropTable('threshold_changes').execute()
    await schema.dropTable('counters').execute()
  },
}
