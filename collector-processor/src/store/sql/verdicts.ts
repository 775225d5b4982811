import { Verdict, VerdictValue } from '@adf/contract'
import type { GroupCommit } from '@adf/service'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { VerdictStore } from '../store.ts'
import { toIncident } from './incidents.ts'

export class SqlVerdicts implements VerdictStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>) {
    this.#db = db
    this.#commit = commit
  }

  give(verdict: Verdict) {
    return this.#commit.write(async (db) => {
      const kind = verdict.anomaly_id === null ? 'incident' : 'anomaly'
      const target = verdict.anomaly_id ?? verdict.incident_id ?? ''
      const previous =
        kind === 'anomaly' ? await markAnomaly(db, target, verdict) : await markIncident(db, target, verdict)
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
    return rows.map(toVerdict)
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

async function markAnomaly(db: Transaction<Tables>, id: string, { verdict }: Verdict): Promise<Marked> {
  const row = await db.selectFrom('anomalies').select('verdict').where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  await db.updateTable('anomalies').set({ verdict }).where('id', '=', id).execute()
  return { verdict: VerdictValue.nullable().parse(row.verdict) }
}

async function markIncident(db: Transaction<Tables>, id: string, verdict: Verdict): Promise<Marked> {
  const row = await db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  const first = toIncident(row).causes[0]?.service
  const confirmed =
    verdict.verdict === 'true_positive' && first !== undefined && (verdict.cause ?? first) === first
  await db
    .updateTable('incidents')
    .set({ verdict: verdict.verdict, cause_confirmed: confirmed ? 1 : 0 })
    .where('id', '=', id)
    .execute()
  return { verdict: VerdictValue.nullable().parse(row.verdict) }
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
