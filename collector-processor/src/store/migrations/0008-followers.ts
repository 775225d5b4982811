import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How far those have come who hand a log on, such as to a topic of Kafka. */
export const followers: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('followers')
      .addColumn('name', 'text', (c) => c.primaryKey().notNull())
      .addColumn('cursor', 'bigint', (c) => c.notNull())
      .execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('followers').execute()
  },
}
