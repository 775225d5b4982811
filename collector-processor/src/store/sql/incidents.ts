import { Incident, type IncidentPage, type Stats } from '@adf/contract'
import type { GroupCommit } from '@adf/service'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Tables } from '../schema.ts'
import type { IncidentFilter, IncidentStore } from '../store.ts'
import type { RowReader } from './rows.ts'
import { byVerdict } from './verdict-counts.ts'

export class SqlIncidents implements IncidentStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, rows: RowReader) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
  }

  async save(incident: Incident): Promise<void> {
    const columns = {
      state: incident.state,
      started_ms: Date.parse(incident.started_at),
      updated_ms: Date.parse(incident.updated_at),
      resolved_ms: incident.resolved_at === null ? null : Date.parse(incident.resolved_at),
      body: JSON.stringify(incident),
    }
    const { id, merged_into, services } = incident
    await this.#commit.write(async (db) => {
      await db
        .insertInto('incidents')
        .values({ id, ...columns })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
        .execute()
      for (const service of services) {
        await db
          .insertInto('incident_services')
          .values({ incident_id: id, service })
          .onConflict((conflict) => conflict.columns(['service', 'incident_id']).doNothing())
          .execute()
      }
      if (merged_into !== null) {
        await db
          .updateTable('anomalies')
          .set({ incident_id: merged_into })
          .where('incident_id', '=', id)
          .execute()
      }
    })
  }

  async get(id: string): Promise<Incident | undefined> {
    const row = await this.#db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst()
    return row && this.#rows.read('incidents', id, () => toIncident(row))
  }

  async page(filter: IncidentFilter): Promise<IncidentPage> {
    let query = this.#db.selectFrom('incidents').selectAll()
    const { state, service, fromMs, toMs, cursor } = filter
    if (state !== undefined) query = query.where('state', '=', state)
    if (fromMs !== undefined) {
      query = query.where((where) =>
        where.or([where('resolved_ms', 'is', null), where('resolved_ms', '>=', fromMs)]),
      )
    }
    if (toMs !== undefined) query = query.where('started_ms', '<', toMs)
    if (cursor !== undefined) query = query.where('id', '<', cursor)
    if (service !== undefined) {
      query = query.where((where) =>
        where.exists(
          where
            .selectFrom('incident_services')
            .select('service')
            .whereRef('incident_id', '=', 'incidents.id')
            .where('service', '=', service),
        ),
      )
    }
    const rows = await query
      .orderBy('id', 'desc')
      .limit(filter.limit + 1)
      .execute()
    const page = rows.slice(0, filter.limit)
    return {
      items: this.#rows.all('incidents', page, (row) => row.id, toIncident),
      next_cursor: rows.length > filter.limit ? (page.at(-1)?.id ?? null) : null,
    }
  }

  async open(): Promise<Incident[]> {
    const rows = await this.#db
      .selectFrom('incidents')
      .selectAll()
      .where('state', '=', 'open')
      .orderBy('id')
      .execute()
    return this.#rows.all('incidents', rows, (row) => row.id, toIncident)
  }

  async counts(): Promise<Stats['incidents']> {
    const groups = await this.#db
      .selectFrom('incidents')
      .select(['state', 'verdict', sql<number>`count(*)`.as('n')])
      .groupBy(['state', 'verdict'])
      .execute()
    const of = (state?: string) =>
      groups.reduce((sum, g) => sum + (state === undefined || g.state === state ? Number(g.n) : 0), 0)
    return {
      total: of(),
      open: of('open'),
      resolved: of('resolved'),
      merged: of('merged'),
      by_verdict: byVerdict(groups),
    }
  }
}

export function toIncident(row: Pick<Selectable<Tables['incidents']>, 'body' | 'verdict'>): Incident {
  const body: unknown = JSON.parse(row.body)
  return Incident.parse({ ...(typeof body === 'object' ? body : {}), verdict: row.verdict })
}
