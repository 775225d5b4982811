import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What was learned in a shard that is of no entity's detectors, such as templates of logs. */
export const shardState: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('shard_state')
      .addColumn('shard', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('bytes', 'blob', (c) => c.notNull())
      .addPrimaryKeyConstraint('shard_state_key', ['shard', 'key'])
      .execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('shard_state').execute()
  },
}
