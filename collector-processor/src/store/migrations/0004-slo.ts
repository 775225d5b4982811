import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Requests counted for service-level objectives, by minute and by hour, and since when each indicator is counted. */
export const slo: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('slo_indicators')
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('indicator', 'text', (c) => c.notNull())
      .addColumn('since_ms', 'bigint', (c) => c.notNull())
      .addColumn('metrics_until_ms', 'bigint')
      .addPrimaryKeyConstraint('slo_indicators_key', ['service', 'indicator'])
      .execute()
    await db.schema
      .createTable('slo_counts')
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('indicator', 'text', (c) => c.notNull())
      .addColumn('step_ms', 'integer', (c) => c.notNull())
      .addColumn('start_ms', 'bigint', (c) => c.notNull())
      .addColumn('total', 'double precision', (c) => c.notNull())
      .addColumn('good', 'double precision', (c) => c.notNull())
      .addPrimaryKeyConstraint('slo_counts_key', ['service', 'indicator', 'step_ms', 'start_ms'])
      .execute()
    await db.schema
      .createIndex('slo_counts_start')
      .on('slo_counts')
      .columns(['step_ms', 'start_ms'])
      .execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('slo_counts').execute()
    await schema.dropTable('slo_indicators').execute()
  },
}
