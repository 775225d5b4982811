import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What the tuner knows and did, and where it is told to stop. */
export const tuner: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('tuner_states')
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('updated_ms', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('tuner_states_key', ['stream', 'entity_id'])
      .execute()
    await schema
      .createTable('tuner_steps')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('at_ms', 'bigint', (c) => c.notNull())
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('outcome', 'text', (c) => c.notNull())
      .addColumn('step', 'text', (c) => c.notNull())
      .execute()
    await schema.createIndex('tuner_steps_at').on('tuner_steps').columns(['at_ms', 'id']).execute()
    await schema
      .createIndex('tuner_steps_entity')
      .on('tuner_steps')
      .columns(['stream', 'entity_id', 'at_ms'])
      .execute()
    await schema.createIndex('tuner_steps_outcome').on('tuner_steps').columns(['outcome', 'at_ms']).execute()
    await schema
      .createTable('freezes')
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('by', 'text', (c) => c.notNull())
      .addColumn('since_ms', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('freezes_key', ['stream', 'entity_id'])
      .execute()
  },
  async down({ schema }: Kysely<unknown>) {
    await schema.dropTable('tuner_states').execute()
    await schema.dropTable('tuner_steps').execute()
    await schema.dropTable('freezes').execute()
  },
}
