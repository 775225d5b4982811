import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What happened to an incident, that its latest state does not tell. */
export const incidentHistory: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('incident_history')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('incident_id', 'text', (c) => c.notNull())
      .addColumn('at_ms', 'bigint', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('text', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createIndex('incident_history_incident')
      .on('incident_history')
      .columns(['incident_id', 'seq'])
      .execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('incident_history').execute()
  },
}
