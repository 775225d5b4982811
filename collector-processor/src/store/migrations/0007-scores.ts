import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Severity by minute: a row for an entity and a block of minutes, a byte for a minute. */
export const scores: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db
    await schema
      .createTable('scores')
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('begin_ms', 'bigint', (c) => c.notNull())
      .addColumn('severities', 'blob', (c) => c.notNull())
      .addPrimaryKeyConstraint('scores_key', ['stream', 'entity_id', 'begin_ms'])
      .execute()
    await schema.createIndex('scores_begin').on('scores').column('begin_ms').execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('scores').execute()
  },
}
