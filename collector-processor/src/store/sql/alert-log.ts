import type { AlertMessage } from '@adf/contract'
import type { GroupCommit } from '@adf/service'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../schema.ts'
import type { AlertLog } from '../store.ts'
import { toAnomaly } from './anomalies.ts'
import { toIncident } from './incidents.ts'
import type { RowReader } from './rows.ts'

export class SqlAlertLog implements AlertLog {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
  }

  append(type: AlertMessage['type'], id: string, nowMs: number): Promise<number> {
    return this.#commit.write(async (db) => {
      await db.deleteFrom('alert_log').where('ref', '=', id).execute()
      const { cursor } = await db
        .insertInto('alert_log')
        .values({ type, ref: id, time_ms: nowMs })
        .returning('cursor')
        .executeTakeFirstOrThrow()
      return Number(cursor)
    })
  }

  async after(cursor: number, limit: number): Promise<AlertMessage[]> {
    for (let from = cursor; ; ) {
      const rows = await rowsAfter(this.#db, from, limit)
      const messages = this.#rows.all('alert_log', rows, ({ ref }) => ref, toMessages).flat()
      const last = rows.at(-1)
      // Nothing means the end of the log, so it must not come of a page of rows that cannot be read.
      if (messages.length > 0 || last === undefined) return messages
      from = Number(last.cursor)
    }
  }

  async bounds(): Promise<{ oldest: number; latest: number }> {
    const latest = await this.#db
      .selectFrom('alert_log')
      .select(sql<number | null>`max(cursor)`.as('cursor'))
      .executeTakeFirst()
    const taken = await this.#db.selectFrom('alert_horizon').select('cursor').executeTakeFirst()
    const oldest = Number(taken?.cursor ?? 0)
    return { oldest, latest: Math.max(oldest, Number(latest?.cursor ?? 0)) }
  }
}

function rowsAfter(db: Kysely<Tables>, cursor: number, limit: number) {
  return db
    .selectFrom('alert_log')
    .leftJoin('anomalies', 'anomalies.id', 'alert_log.ref')
    .leftJoin('incidents', 'incidents.id', 'alert_log.ref')
    .select([
      'alert_log.cursor',
      'alert_log.ref',
      'anomalies.body as anomaly',
      'anomalies.incident_id',
      'anomalies.verdict as anomaly_verdict',
      'incidents.body as incident',
      'incidents.verdict as incident_verdict',
    ])
    .where('alert_log.cursor', '>', cursor)
    .where((where) =>
      where.or([where('anomalies.id', 'is not', null), where('incidents.id', 'is not', null)]),
    )
    .orderBy('alert_log.cursor')
    .limit(limit)
    .execute()
}

type Row = Awaited<ReturnType<typeof rowsAfter>>[number]

function toMessages(row: Row): AlertMessage[] {
  const cursor = String(row.cursor)
  if (row.anomaly !== null) {
    const { anomaly: body, incident_id, anomaly_verdict: verdict } = row
    return [{ type: 'anomaly', cursor, data: toAnomaly({ body, incident_id, verdict }) }]
  }
  if (row.incident === null) return []
  const data = toIncident({ body: row.incident, verdict: row.incident_verdict })
  return [{ type: 'incident', cursor, data }]
}
