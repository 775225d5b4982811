import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What operators said: words, used links, missed incidents, questions, judged episodes, and how far processors' logs were followed. */
export const words: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema
      .createTable('words')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('target', 'text', (c) => c.notNull())
      .addColumn('alert_id', 'text')
      .addColumn('anomaly_id', 'text')
      .addColumn('incident_id', 'text')
      .addColumn('question_id', 'text')
      .addColumn('verdict', 'text', (c) => c.notNull())
      .addColumn('cause', 'text')
      .addColumn('note', 'text')
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('channel', 'text', (c) => c.notNull())
      .addColumn('weight', 'double precision', (c) => c.notNull())
      .addColumn('given_ms', 'bigint', (c) => c.notNull())
      .addColumn('withdrawn_ms', 'bigint')
      .addColumn('standing', 'integer', (c) => c.notNull())
      .addColumn('delivery', 'text', (c) => c.notNull())
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('deliver_ms', 'bigint', (c) => c.notNull())
      .addColumn('processor', 'text')
      .addColumn('processor_verdict_id', 'text')
      .addColumn('followed', 'integer', (c) => c.notNull())
      .execute()
    await schema.createIndex('words_target').on('words').columns(['target', 'author', 'standing']).execute()
    await schema.createIndex('words_author').on('words').columns(['author', 'given_ms']).execute()
    await schema.createIndex('words_given').on('words').columns(['given_ms', 'id']).execute()
    await schema.createIndex('words_delivery').on('words').columns(['delivery', 'deliver_ms']).execute()
    await schema.createIndex('words_alert').on('words').column('alert_id').execute()
    await schema.createIndex('words_incident').on('words').column('incident_id').execute()
    await schema.createIndex('words_processor').on('words').column('processor_verdict_id').execute()
    await schema
      .createTable('used_links')
      .addColumn('nonce', 'text', (c) => c.primaryKey().notNull())
      .addColumn('used_ms', 'bigint', (c) => c.notNull())
      .addColumn('expires_ms', 'bigint', (c) => c.notNull())
      .execute()
    await schema.createIndex('used_links_expiry').on('used_links').column('expires_ms').execute()
    await schema
      .createTable('missed_incidents')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('started_ms', 'bigint', (c) => c.notNull())
      .addColumn('ended_ms', 'bigint', (c) => c.notNull())
      .addColumn('note', 'text')
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('reported_ms', 'bigint', (c) => c.notNull())
      .addColumn('entities', 'text', (c) => c.notNull())
      .addUniqueConstraint('missed_incidents_once', ['service', 'started_ms', 'author'])
      .execute()
    await schema.createIndex('missed_start').on('missed_incidents').column('started_ms').execute()
    await schema
      .createTable('questions')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('from_ms', 'bigint', (c) => c.notNull())
      .addColumn('to_ms', 'bigint', (c) => c.notNull())
      .addColumn('severity', 'double precision', (c) => c.notNull())
      .addColumn('probability', 'double precision', (c) => c.notNull())
      .addColumn('text', 'text', (c) => c.notNull())
      .addColumn('asked_ms', 'bigint', (c) => c.notNull())
      .addColumn('expires_ms', 'bigint', (c) => c.notNull())
      .addColumn('verdict', 'text')
      .addColumn('answered_ms', 'bigint')
      .addUniqueConstraint('questions_once', ['stream', 'entity_id', 'from_ms'])
      .execute()
    await schema.createIndex('questions_from').on('questions').column('from_ms').execute()
    await schema
      .createIndex('questions_open')
      .on('questions')
      .columns(['answered_ms', 'expires_ms'])
      .execute()
    await schema
      .createTable('judged_episodes')
      .addColumn('target', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('processor', 'text', (c) => c.notNull())
      .addColumn('verdict', 'text', (c) => c.notNull())
      .addColumn('weight', 'double precision', (c) => c.notNull())
      .addColumn('at_ms', 'bigint', (c) => c.notNull())
      .addColumn('from_ms', 'bigint', (c) => c.notNull())
      .addColumn('to_ms', 'bigint', (c) => c.notNull())
      .addColumn('severity', 'double precision', (c) => c.notNull())
      .addColumn('threshold', 'double precision', (c) => c.notNull())
      .addPrimaryKeyConstraint('judged_episodes_key', ['target', 'author', 'stream', 'entity_id'])
      .execute()
    await schema
      .createIndex('judged_episodes_entity')
      .on('judged_episodes')
      .columns(['stream', 'entity_id', 'at_ms'])
      .execute()
    await schema.createIndex('judged_episodes_at').on('judged_episodes').column('at_ms').execute()
    await schema
      .createTable('verdict_cursors')
      .addColumn('processor', 'text', (c) => c.primaryKey().notNull())
      .addColumn('cursor', 'bigint', (c) => c.notNull())
      .execute()
  },
  async down({ schema }: Kysely<unknown>) {
    for (const table of [
      'words',
      'used_links',
      'missed_incidents',
      'questions',
      'judged_episodes',
      'verdict_cursors',
    ])
      await schema.dropTable(table).execute()
  },
}
