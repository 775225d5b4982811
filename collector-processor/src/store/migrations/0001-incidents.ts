import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Anomalies, incidents, verdicts, thresholds, detector state, and what was and is to be published. */
export const incidents: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db
    await schema
      .createTable('anomalies')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('time_ms', 'bigint', (c) => c.notNull())
      .addColumn('detected_ms', 'bigint', (c) => c.notNull())
      .addColumn('score', 'double precision', (c) => c.notNull())
      .addColumn('incident_id', 'text')
      .addColumn('verdict', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .execute()
    await schema.createIndex('anomalies_stream').on('anomalies').columns(['stream', 'id']).execute()
    await schema.createIndex('anomalies_entity').on('anomalies').columns(['entity_id', 'id']).execute()
    await schema.createIndex('anomalies_incident').on('anomalies').columns(['incident_id', 'id']).execute()
    await schema.createIndex('anomalies_time').on('anomalies').column('time_ms').execute()
    await schema.createIndex('anomalies_detected').on('anomalies').column('detected_ms').execute()

    await schema
      .createTable('incidents')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('started_ms', 'bigint', (c) => c.notNull())
      .addColumn('updated_ms', 'bigint', (c) => c.notNull())
      .addColumn('resolved_ms', 'bigint')
      .addColumn('verdict', 'text')
      .addColumn('cause_confirmed', 'integer')
      .addColumn('body', 'text', (c) => c.notNull())
      .execute()
    await schema.createIndex('incidents_state').on('incidents').columns(['state', 'id']).execute()
    await schema
      .createTable('incident_services')
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('incident_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('incident_services_key', ['service', 'incident_id'])
      .execute()
    await schema
      .createIndex('incident_services_incident')
      .on('incident_services')
      .column('incident_id')
      .execute()

    await schema
      .createTable('verdicts')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('target_kind', 'text', (c) => c.notNull())
      .addColumn('target_id', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('verdict', 'text', (c) => c.notNull())
      .addColumn('cause', 'text')
      .addColumn('note', 'text')
      .addColumn('time_ms', 'bigint', (c) => c.notNull())
      .addUniqueConstraint('verdicts_once', ['target_id', 'target_kind', 'author'])
      .execute()

    await schema
      .createTable('thresholds')
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('value', 'double precision', (c) => c.notNull())
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('updated_ms', 'bigint', (c) => c.notNull())
      .addColumn('updated_by', 'text')
      .addPrimaryKeyConstraint('thresholds_key', ['stream', 'entity_id'])
      .execute()
    await schema
      .createTable('detector_state')
      .addColumn('stream', 'text', (c) => c.notNull())
      .addColumn('entity_id', 'text', (c) => c.notNull())
      .addColumn('bytes', 'blob', (c) => c.notNull())
      .addColumn('saved_ms', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('detector_state_key', ['stream', 'entity_id'])
      .execute()

    await schema.createIndex('detector_state_saved').on('detector_state').column('saved_ms').execute()

    await schema
      .createTable('alert_log')
      .addColumn('cursor', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('ref', 'text', (c) => c.notNull())
      .addColumn('time_ms', 'bigint', (c) => c.notNull())
      .execute()
    await schema.createIndex('alert_log_ref').on('alert_log').column('ref').execute()
    await schema
      .createTable('alert_horizon')
      .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
      .addColumn('cursor', 'bigint', (c) => c.notNull())
      .execute()
    await schema
      .createTable('outgoing_alerts')
      .addColumn('incident_id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('labels', 'text', (c) => c.notNull())
      .addColumn('starts_ms', 'bigint', (c) => c.notNull())
      .addColumn('ends_ms', 'bigint')
      .execute()
  },
}
