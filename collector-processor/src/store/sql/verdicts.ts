import { type Incident, type Verdict, type VerdictLog, VerdictValue } from '@adf/contract'
import type { GroupCommit } from '@adf/service'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Judged, VerdictStore } from '../store.ts'
import { toAnomaly } from './anomalies.ts'
import { toIncident } from './incidents.ts'
import type { RowReader } from './rows.ts'
import { logVerdict, readVerdictLog } from './verdict-log.ts'
import { toVerdict } from './verdict-row.ts'

export class SqlVerdicts implements VerdictStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
  }

  give(verdict: Verdict): Promise<Judged | undefined> {
    return this.#commit.write(async (db) => {
      const kind = verdict.anomaly_id === null ? 'incident' : 'anomaly'
      const target = verdict.anomaly_id ?? verdict.incident_id ?? ''
      const marked = await this.#mark(db, kind, target, verdict)
      if (marked === undefined) return undefined
      const place = { target_kind: kind, target_id: target, author: verdict.author ?? '' }
      const replaced = await db
        .selectFrom('verdicts')
        .select(['id', 'verdict', 'cause', 'note', 'time_ms'])
        .where('target_id', '=', target)
        .where('target_kind', '=', kind)
        .where('author', '=', place.author)
        .executeTakeFirst()
      // Come again, as it does when its answer was lost: it is in the log, and nothing changes.
      if (replaced !== undefined && same(replaced, verdict)) {
        const { id, time_ms } = replaced
        const time = new Date(Number(time_ms)).toISOString()
        return { verdict: { ...verdict, id, time }, previous: verdict.verdict, current: verdict.verdict }
      }
      const changed = {
        verdict: verdict.verdict,
        cause: verdict.cause,
        note: verdict.note,
        time_ms: Date.parse(verdict.time),
      }
      const { id } = await db
        .insertInto('verdicts')
        .values({ id: verdict.id, ...place, ...changed })
        .onConflict((conflict) =>
          conflict.columns(['target_id', 'target_kind', 'author']).doUpdateSet(changed),
        )
        .returning('id')
        .executeTakeFirstOrThrow()
      await logVerdict(
        db,
        this.#rows,
        { id, ...place, ...changed },
        {
          previous: VerdictValue.safeParse(replaced?.verdict).data ?? null,
          withdrawn: false,
          nowMs: changed.time_ms,
        },
      )
      return { verdict: { ...verdict, id }, previous: marked.before, current: verdict.verdict }
    })
  }

  withdraw(id: string, nowMs: number): Promise<Judged | 'gone' | undefined> {
    return this.#commit.write(async (db) => {
      const given = await db.selectFrom('verdicts').selectAll().where('id', '=', id).executeTakeFirst()
      if (given === undefined) {
        const before = db.selectFrom('verdict_log').select('cursor').where('verdict_id', '=', id)
        return (await before.limit(1).executeTakeFirst()) === undefined ? undefined : 'gone'
      }
      await db.deleteFrom('verdicts').where('id', '=', id).execute()
      const { target_kind: kind, target_id: target, verdict: previous } = given
      const other = await db
        .selectFrom('verdicts')
        .selectAll()
        .where('target_id', '=', target)
        .where('target_kind', '=', kind)
        .orderBy('time_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      const current = other && this.#rows.read('verdicts', other.id, () => toVerdict(other))
      const marked = await this.#mark(db, kind, target, current)
      const verdict = this.#rows.read('verdicts', id, () => toVerdict(given))
      // One that cannot be read is in no list; now it is gone.
      if (verdict === undefined) return 'gone'
      await logVerdict(db, this.#rows, given, { previous, withdrawn: true, nowMs })
      return {
        verdict,
        previous: marked?.before ?? null,
        current: current?.verdict ?? null,
      }
    })
  }

  log(after: number, limit: number): Promise<VerdictLog> {
    return readVerdictLog(this.#db, this.#rows, after, limit)
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

  /** Gives the target the verdict, or takes it away; says what it was before. Undefined when there is no such target. */
  async #mark(
    db: Transaction<Tables>,
    kind: string,
    id: string,
    verdict: Verdict | undefined,
  ): Promise<{ before: VerdictValue | null } | undefined> {
    const value = verdict?.verdict ?? null
    if (kind === 'anomaly') {
      const row = await db.selectFrom('anomalies').selectAll().where('id', '=', id).executeTakeFirst()
      const anomaly = row && this.#rows.read('anomalies', id, () => toAnomaly(row))
      if (anomaly === undefined) return undefined
      await db.updateTable('anomalies').set({ verdict: value }).where('id', '=', id).execute()
      return { before: anomaly.verdict }
    }
    const row = await db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst()
    const incident = row && this.#rows.read('incidents', id, () => toIncident(row))
    if (incident === undefined) return undefined
    await db
      .updateTable('incidents')
      .set({ verdict: value, cause_confirmed: verdict === undefined ? null : confirmed(incident, verdict) })
      .where('id', '=', id)
      .execute()
    return { before: incident.verdict }
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

/** 1 when it confirms the first-ranked cause. */
function confirmed({ causes }: Incident, { verdict, cause }: Verdict): 0 | 1 {
  const first = causes[0]?.service
  return verdict === 'true_positive' && first !== undefined && names(cause ?? first, first) ? 1 : 0
}

/** Operators say `payment` for `shop/payment`, and `postgres` for `database:postgres`. */
function names(said: string, service: string): boolean {
  return said === service || said === service.replace(/^(database|messaging|peer):|^[^/]*\//, '')
}

type Word = Pick<Tables['verdicts'], 'verdict' | 'cause' | 'note'>
const same = (one: Word, other: Word): boolean =>
  one.verdict === other.verdict && one.cause === other.cause && one.note === other.note
