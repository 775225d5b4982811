import { Anomaly, type AnomalyPage, type Stats } from '@adf/contract'
import { GatheredWrites, type GroupCommit, type Outcome, portions } from '@adf/service'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import { Fenced, type Found } from '../shard.ts'
import type { AnomalyFilter, AnomalyStore } from '../store.ts'
import { type LeftFinding, leaveFindings } from './leave-finding.ts'
import type { RowReader } from './rows.ts'
import { holding } from './shards.ts'
import { byVerdict } from './verdict-counts.ts'
import { logVerdict } from './verdict-log.ts'

/** Ids in one statement; SQLite's limit of variables is 32,766, PostgreSQL's 65,535. */
const MANY = 1000

export class SqlAnomalies implements AnomalyStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader
  readonly #clock: () => number
  readonly #added: GatheredWrites<Tables, Added, void>

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader, clock: () => number) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
    this.#clock = clock
    this.#added = new GatheredWrites(commit, addAll)
  }

  add(anomaly: Anomaly, found?: Found): Promise<void> {
    return this.#added.write({ row: rowOf(anomaly), found })
  }

  async assign(incidentId: string, anomalyIds: readonly string[]): Promise<void> {
    await this.#commit.write(async (db) => {
      for (let start = 0; start < anomalyIds.length; start += MANY) {
        await db
          .updateTable('anomalies')
          .set({ incident_id: incidentId })
          .where('id', 'in', anomalyIds.slice(start, start + MANY))
          .execute()
      }
    })
  }

  async get(id: string): Promise<Anomaly | undefined> {
    const row = await this.#db.selectFrom('anomalies').selectAll().where('id', '=', id).executeTakeFirst()
    return row && this.#rows.read('anomalies', id, () => toAnomaly(row))
  }

  async page(filter: AnomalyFilter): Promise<AnomalyPage> {
    let query = this.#db.selectFrom('anomalies').selectAll()
    if (filter.stream !== undefined) query = query.where('stream', '=', filter.stream)
    if (filter.entity !== undefined) query = query.where('entity_id', '=', filter.entity)
    if (filter.incident !== undefined) query = query.where('incident_id', '=', filter.incident)
    if (filter.minScore !== undefined) query = query.where('score', '>=', filter.minScore)
    if (filter.fromMs !== undefined) query = query.where('time_ms', '>=', filter.fromMs)
    if (filter.toMs !== undefined) query = query.where('time_ms', '<', filter.toMs)
    if (filter.cursor !== undefined) query = query.where('id', '<', filter.cursor)
    const rows = await query
      .orderBy('id', 'desc')
      .limit(filter.limit + 1)
      .execute()
    const page = rows.slice(0, filter.limit)
    return {
      items: this.#rows.all('anomalies', page, (row) => row.id, toAnomaly),
      next_cursor: rows.length > filter.limit ? (page.at(-1)?.id ?? null) : null,
    }
  }

  async judged(limit: number): Promise<Anomaly[]> {
    const rows = await this.#db
      .selectFrom('anomalies')
      .leftJoin('incidents', 'incidents.id', 'anomalies.incident_id')
      .select(['anomalies.id', 'anomalies.body', 'anomalies.incident_id'])
      .select((query) => query.fn.coalesce('anomalies.verdict', 'incidents.verdict').as('verdict'))
      .where((query) =>
        query.or([query('anomalies.verdict', 'is not', null), query('incidents.verdict', 'is not', null)]),
      )
      .orderBy('anomalies.id', 'desc')
      .limit(limit)
      .execute()
    return this.#rows.all('anomalies', rows, (row) => row.id, toAnomaly)
  }

  remove(id: string): Promise<boolean> {
    return this.#commit.write(async (db) => {
      const judged = await db
        .deleteFrom('verdicts')
        .where('target_id', '=', id)
        .where('target_kind', '=', 'anomaly')
        .returningAll()
        .execute()
      for (const given of judged)
        await logVerdict(db, this.#rows, given, {
          previous: given.verdict,
          withdrawn: true,
          nowMs: this.#clock(),
        })
      const { numDeletedRows } = await db
        .deleteFrom('anomalies')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    })
  }

  async counts(nowMs: number): Promise<Stats['anomalies']> {
    const groups = await this.#db
      .selectFrom('anomalies')
      .select(['stream', 'type', 'verdict', sql<number>`count(*)`.as('n')])
      .groupBy(['stream', 'type', 'verdict'])
      .execute()
    const sum = (key: 'stream' | 'type') => {
      const counts: Record<string, number> = {}
      for (const group of groups) counts[group[key]] = (counts[group[key]] ?? 0) + Number(group.n)
      return counts
    }
    return {
      total: groups.reduce((total, { n }) => total + Number(n), 0),
      last_hour: await this.#since(nowMs - 3_600_000),
      last_day: await this.#since(nowMs - 86_400_000),
      by_stream: sum('stream'),
      by_type: sum('type'),
      by_verdict: byVerdict(groups),
    }
  }

  async #since(ms: number): Promise<number> {
    const { n } = await this.#db
      .selectFrom('anomalies')
      .select(sql<number>`count(*)`.as('n'))
      .where('detected_ms', '>=', ms)
      .executeTakeFirstOrThrow()
    return Number(n)
  }
}

export function toAnomaly(
  row: Pick<Selectable<Tables['anomalies']>, 'body' | 'incident_id' | 'verdict'>,
): Anomaly {
  const body: unknown = JSON.parse(row.body)
  return Anomaly.parse({
    ...(typeof body === 'object' ? body : {}),
    incident_id: row.incident_id,
    verdict: row.verdict,
  })
}

interface Added {
  readonly row: ReturnType<typeof rowOf>
  readonly found: Found | undefined
}

const rowOf = (anomaly: Anomaly) => ({
  id: anomaly.id,
  stream: anomaly.stream,
  entity_id: anomaly.entity.id,
  type: anomaly.type,
  time_ms: Date.parse(anomaly.time),
  detected_ms: Date.parse(anomaly.detected_at),
  score: anomaly.score,
  severity: anomaly.severity ?? null,
  threshold: anomaly.threshold,
  incident_id: anomaly.incident_id,
  verdict: anomaly.verdict,
  body: JSON.stringify(anomaly),
})

/** Those of a shard that another process has by now are refused. One that is there already is left as it is. */
async function addAll(db: Transaction<Tables>, added: readonly Added[]): Promise<Outcome<void>[]> {
  const holds = await holding(
    db,
    added.flatMap(({ found }) => found?.fence ?? []),
  )
  const allowed = added.filter(({ found }) => found === undefined || holds(found.fence))
  const fresh = new Set<string>()
  for (const some of portions(allowed)) {
    const stored = await db
      .insertInto('anomalies')
      .values(some.map(({ row }) => row))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute()
    for (const { id } of stored) fresh.add(id)
  }
  const findings = allowed.flatMap(({ row: { id }, found }): LeftFinding[] =>
    found !== undefined && fresh.has(id) ? [{ anomalyId: id, found }] : [],
  )
  await leaveFindings(db, findings)
  return added.map((one) =>
    one.found === undefined || holds(one.found.fence)
      ? { value: undefined }
      : { error: new Fenced(one.found.fence.shard) },
  )
}
