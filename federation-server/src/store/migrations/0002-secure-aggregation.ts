import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Rounds of secure aggregation, and what clients send in them. */
export const secureAggregation: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('secure_rounds')
      .addColumn('run', 'text', (c) => c.notNull())
      .addColumn('round', 'bigint', (c) => c.notNull())
      .addColumn('phase', 'text', (c) => c.notNull())
      .addColumn('parameters', 'text', (c) => c.notNull())
      .addColumn('deadline_ms', 'bigint')
      .addPrimaryKeyConstraint('secure_rounds_key', ['run', 'round'])
      .execute()
    await schema
      .createTable('secure_messages')
      .addColumn('run', 'text', (c) => c.notNull())
      .addColumn('round', 'bigint', (c) => c.notNull())
      .addColumn('step', 'text', (c) => c.notNull())
      .addColumn('client_id', 'text', (c) => c.notNull())
      .addColumn('hash', 'text', (c) => c.notNull())
      .addColumn('body', 'blob')
      .addColumn('public_key', 'text')
      .addColumn('received_ms', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('secure_messages_key', ['run', 'round', 'step', 'client_id'])
      .execute()
    await schema.createIndex('secure_messages_client').on('secure_messages').column('client_id').execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('secure_messages').execute()
    await schema.dropTable('secure_rounds').execute()
  },
}
