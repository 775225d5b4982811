import type { GroupCommit } from '@adf/service'
import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../schema.ts'
import type { AlertOutbox, OutgoingAlert } from '../store.ts'
import type { RowReader } from './rows.ts'

const Labels = z.record(z.string(), z.string())

export class SqlOutbox implements AlertOutbox {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
  }

  open(alert: OutgoingAlert): Promise<OutgoingAlert> {
    return this.#commit.write(async (db) => {
      await db
        .insertInto('outgoing_alerts')
        .values({
          incident_id: alert.incidentId,
          labels: JSON.stringify(alert.labels),
          starts_ms: alert.startsMs,
          ends_ms: alert.endsMs,
        })
        .onConflict((conflict) => conflict.column('incident_id').doNothing())
        .execute()
      const row = await db
        .selectFrom('outgoing_alerts')
        .selectAll()
        .where('incident_id', '=', alert.incidentId)
        .executeTakeFirstOrThrow()
      return toAlert(row)
    })
  }

  async end(incidentId: string, endsMs: number): Promise<void> {
    await this.#commit.write((db) =>
      db
        .updateTable('outgoing_alerts')
        .set({ ends_ms: endsMs })
        .where('incident_id', '=', incidentId)
        .where('ends_ms', 'is', null)
        .execute(),
    )
  }

  async pending(endedSinceMs: number): Promise<OutgoingAlert[]> {
    const rows = await this.#db
      .selectFrom('outgoing_alerts')
      .selectAll()
      .where((where) => where.or([where('ends_ms', 'is', null), where('ends_ms', '>=', endedSinceMs)]))
      .orderBy('incident_id')
      .execute()
    return this.#rows.all('outgoing_alerts', rows, (row) => row.incident_id, toAlert)
  }
}

function toAlert(row: Selectable<Tables['outgoing_alerts']>): OutgoingAlert {
  return {
    incidentId: row.incident_id,
    labels: Labels.parse(JSON.parse(row.labels)),
    startsMs: Number(row.starts_ms),
    endsMs: row.ends_ms === null ? null : Number(row.ends_ms),
  }
}
