import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Work that processors share: whose each shard is, where each entity is at home, and what the reducer has still to look at. */
export const shards: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db
    await schema
      .createTable('shards')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('member', 'text', (c) => c.notNull())
      .addColumn('epoch', 'bigint', (c) => c.notNull())
      .addColumn('reached_ms', 'bigint', (c) => c.notNull())
      .addColumn('seen_ms', 'bigint', (c) => c.notNull())
      .execute()
    await schema
      .createTable('homes')
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('shard', 'text', (c) => c.notNull())
      .addColumn('since_ms', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('homes_key', ['stream', 'entity_id'])
      .execute()
    await schema.createIndex('homes_since').on('homes').column('since_ms').execute()
    await schema
      .createTable('findings')
      .addColumn('anomaly_id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('step_ms', 'bigint', (c) => c.notNull())
      .addColumn('first', 'integer', (c) => c.notNull())
      .execute()
    await schema.createIndex('findings_step').on('findings').columns(['step_ms', 'anomaly_id']).execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('findings').execute()
    await schema.dropTable('homes').execute()
    await schema.dropTable('shards').execute()
  },
}
