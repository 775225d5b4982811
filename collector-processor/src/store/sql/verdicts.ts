import { Verdict, type VerdictValue } from '@adf/contract'
import type { GroupCommit } from '@adf/service'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { VerdictStore } from '../store.ts'
import { toAnomaly } from './anomalies.ts'
import { toIncident } from './incidents.ts'
import type { RowReader } from './rows.ts'

export class SqlVerdicts implements VerdictStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
  }

  give(verdict: Verdict) {
    return this.#commit.write(async (db) => {
      const kind = verdict.anomaly_id === null ? 'incident' : 'anomaly'
      const target = verdict.anomaly_id ?? verdict.incident_id ?? ''
      const previous =
        kind === 'anomaly'
          ? await markAnomaly(db, target, verdict, this.#rows)
          : await markIncident(db, target, verdict, this.#rows)
      if (previous === undefined) return undefined
      const changed = {
        verdict: verdict.verdict,
        cause: verdict.cause,
        note: verdict.note,
        time_ms: Date.parse(verdict.time),
      }
      const { id } = await db
        .insertInto('verdicts')
        .values({
          id: verdict.id,
          target_kind: kind,
          target_id: target,
          author: verdict.author ?? '',
          ...changed,
        })
        .onConflict((conflict) =>
          conflict.columns(['target_id', 'target_kind', 'author']).doUpdateSet(changed),
        )
        .returning('id')
        .executeTakeFirstOrThrow()
      return { verdict: { ...verdict, id }, previous: previous.verdict }
    })
  }

  async of(target: string): Promise<Verdict[]> {
    const rows = await this.#db
      .selectFrom('verdicts')
      .selectAll()
      .where('target_id', '=', target)
      .orderBy('time_ms')
      .orderBy('id')
      .execute()
    return this.#rows.all('verdicts', rows, (row) => row.id, toVerdict)
  }

  async rootCauses(): Promise<{ judged: number; confirmed: number }> {
    const row = await this.#db
      .selectFrom('incidents')
      .select([sql<number>`count(*)`.as('judged'), sql<number | null>`sum(cause_confirmed)`.as('confirmed')])
      .where('verdict', 'is not', null)
      .executeTakeFirstOrThrow()
    return { judged: Number(row.judged), confirmed: Number(row.confirmed ?? 0) }
  }
}

type Marked = { verdict: VerdictValue | null } | undefined

async function markAnomaly(
  db: Transaction<Tables>,
  id: string,
  { verdict }: Verdict,
  rows: RowReader,
): Promise<Marked> {
  const row = await db.selectFrom('anomalies').selectAll().where('id', '=', id).executeTakeFirst()
  const anomaly = row && rows.read('anomalies', id, () => toAnomaly(row))
  if (anomaly === undefined) return undefined
  await db.updateTable('anomalies').set({ verdict }).where('id', '=', id).execute()
  return { verdict: anomaly.verdict }
}

async function markIncident(
  db: Transaction<Tables>,
  id: string,
  verdict: Verdict,
  rows: RowReader,
): Promise<Marked> {
  const row = await db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst()
  const incident = row && rows.read('incidents', id, () => toIncident(row))
  if (incident === undefined) return undefined
  const first = incident.causes[0]?.service
  const confirmed =
    verdict.verdict === 'true_positive' && first !== undefined && names(verdict.cause ?? first, first)
  await db
    .updateTable('incidents')
    .set({ verdict: verdict.verdict, cause_confirmed: confirmed ? 1 : 0 })
    .where('id', '=', id)
    .execute()
  return { verdict: incident.verdict }
}

/** Operators say `payment` for `shop/payment`, and `postgres` for `database:postgres`. */
function names(said: string, service: string): boolean {
  return said === service || said === service.replace(/^(database|messaging|peer):|^[^/]*\//, '')
}

function toVerdict(row: Selectable<Tables['verdicts']>): Verdict {
  return Verdict.parse({
    id: row.id,
    anomaly_id: row.target_kind === 'anomaly' ? row.target_id : null,
    incident_id: row.target_kind === 'incident' ? row.target_id : null,
    verdict: row.verdict,
    cause: row.cause,
    note: row.note,
    author: row.author === '' ? null : row.author,
    time: new Date(Number(row.time_ms)).toISOString(),
  })
}
