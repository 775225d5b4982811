import type { AlertMessage } from '@adf/contract'
import { GatheredWrites, type GroupCommit, type Outcome, portions } from '@adf/service'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { AlertLog } from '../store.ts'
import { toAnomaly } from './anomalies.ts'
import { toIncident } from './incidents.ts'
import type { RowReader } from './rows.ts'

export class SqlAlertLog implements AlertLog {
  readonly #db: Kysely<Tables>
  readonly #appended: GatheredWrites<Tables, Appended, number>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#appended = new GatheredWrites(commit, appendAll)
    this.#rows = rows
  }

  append(type: AlertMessage['type'], id: string, nowMs: number): Promise<number> {
    return this.#appended.write({ type, ref: id, time_ms: nowMs })
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

interface Appended {
  readonly type: AlertMessage['type']
  readonly ref: string
  readonly time_ms: number
}

/** In the order of the rows; of one subject the last message stays. */
async function appendAll(db: Transaction<Tables>, rows: readonly Appended[]): Promise<Outcome<number>[]> {
  const cursors: Outcome<number>[] = []
  for (const some of runsOfDistinct(rows)) {
    const refs = some.map(({ ref }) => ref)
    await db.deleteFrom('alert_log').where('ref', 'in', refs).execute()
    const made = await db.insertInto('alert_log').values(some).returning(['ref', 'cursor']).execute()
    const byRef = new Map(made.map(({ ref, cursor }) => [ref, Number(cursor)]))
    for (const ref of refs) {
      const value = byRef.get(ref)
      cursors.push(value === undefined ? { error: new Error(`no cursor for ${ref}`) } : { value })
    }
  }
  return cursors
}

/** Portions in which no subject is twice. */
function* runsOfDistinct(rows: readonly Appended[]): Generator<readonly Appended[], void> {
  let run: Appended[] = []
  const seen = new Set<string>()
  for (const row of rows) {
    if (seen.has(row.ref)) {
      yield* portions(run)
      run = []
      seen.clear()
    }
    seen.add(row.ref)
    run.push(row)
  }
  yield* portions(run)
}
