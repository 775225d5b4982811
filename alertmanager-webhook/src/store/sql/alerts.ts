import { VerdictValue } from '@adf/contract'
import type { Alert } from '@adf/contract/feedback'
import { type Selectable, sql } from 'kysely'
import type { Tables } from '../schema.ts'
import type {
  AlertFilter,
  AlertNotification,
  AlertOutcome,
  AlertStore,
  ListedAlert,
  NotifiedOutcome,
  Page,
  Silence,
  SilencedAlert,
} from '../store.ts'
import { alertsOf } from './alert-rows.ts'
import { type Context, cursorAt, given, numberOrUndefined, pageOf, pieces, placeOf } from './context.ts'
import { endUnlisted, storeListed, storeSilences } from './listed.ts'
import { storeNotification } from './notified.ts'

/** Alerts of one write of a snapshot, which holds up other writes. */
const LISTED_AT_ONCE = 200
/** Outcomes of one read, which holds up everything. */
const OUTCOMES_AT_ONCE = 2000

export class SqlAlerts implements AlertStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  notified(notification: AlertNotification, nowMs: number): Promise<readonly NotifiedOutcome[]> {
    return this.#context.commit.write((db) => storeNotification(db, notification, nowMs))
  }

  async listed(
    snapshot: {
      readonly alerts: readonly ListedAlert[]
      readonly silences: readonly Silence[]
      readonly complete: boolean
    },
    nowMs: number,
  ): Promise<void> {
    const { commit } = this.#context
    const { alerts, silences, complete } = snapshot
    for (const piece of pieces(silences, LISTED_AT_ONCE)) await commit.write((db) => storeSilences(db, piece))
    const kept = alerts.filter(({ silencedBy, inhibitedBy }) => silencedBy.length + inhibitedBy.length > 0)
    for (const piece of pieces(kept, LISTED_AT_ONCE))
      await commit.write((db) => storeListed(db, piece, nowMs))
    if (complete) await commit.write((db) => endUnlisted(db, alerts, nowMs))
  }

  async endSilent(silentSinceMs: number): Promise<number> {
    return this.#context.commit.write(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable('alerts')
        .set((value) => ({ ended_ms: value.ref('last_notified_ms'), end_known: 'silent' }))
        .where('ended_ms', 'is', null)
        .where('last_notified_ms', '<', silentSinceMs)
        .executeTakeFirst()
      return Number(numUpdatedRows)
    })
  }

  async acknowledged(id: string, atMs: number): Promise<void> {
    await this.#context.commit.write((db) =>
      db
        .updateTable('alerts')
        .set({ acknowledged_ms: atMs })
        .where('id', '=', id)
        .where((where) =>
          where.or([where('acknowledged_ms', 'is', null), where('acknowledged_ms', '>', atMs)]),
        )
        .execute(),
    )
  }

  async get(id: string): Promise<Alert | undefined> {
    const row = await this.#context.db
      .selectFrom('alerts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && (await alertsOf(this.#context.db, [row]))[0]
  }

  async ofIncident(incidentId: string): Promise<Alert | undefined> {
    const row = await this.#context.db
      .selectFrom('alerts')
      .selectAll()
      .where('incident_id', '=', incidentId)
      .orderBy('started_ms', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && (await alertsOf(this.#context.db, [row]))[0]
  }

  async page(filter: AlertFilter): Promise<Page<Alert>> {
    const { state, ours, alertname, service, incident, fromMs, toMs, limit, cursor } = filter
    let query = this.#context.db.selectFrom('alerts').selectAll()
    if (state !== undefined) query = query.where('ended_ms', state === 'firing' ? 'is' : 'is not', null)
    if (ours !== undefined) query = query.where('ours', '=', ours ? 1 : 0)
    if (alertname !== undefined) query = query.where('alertname', '=', alertname)
    if (service !== undefined) query = query.where('service', '=', service)
    if (incident !== undefined) query = query.where('incident_id', '=', incident)
    if (fromMs !== undefined) query = query.where('started_ms', '>=', fromMs)
    if (toMs !== undefined) query = query.where('started_ms', '<', toMs)
    if (cursor !== undefined) {
      const { ms, id } = placeOf(cursor)
      query = query.where((where) =>
        where.or([
          where('started_ms', '<', ms),
          where.and([where('started_ms', '=', ms), where('id', '<', id)]),
        ]),
      )
    }
    const rows = await query
      .orderBy('started_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    const page = pageOf(
      rows,
      limit,
      (row) => cursorAt(Number(row.started_ms), row.id),
      (row) => row,
    )
    return { ...page, items: await alertsOf(this.#context.db, page.items) }
  }

  async firing(): Promise<number> {
    const row = await this.#context.db
      .selectFrom('alerts')
      .select(sql<number>`count(*)`.as('count'))
      .where('ended_ms', 'is', null)
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  async lastNotifiedMs(): Promise<number | undefined> {
    const row = await this.#context.db
      .selectFrom('alerts')
      .select((select) => select.fn.max('last_notified_ms').as('ms'))
      .executeTakeFirst()
    return numberOrUndefined(row?.ms ?? null)
  }

  async outcomes(fromMs: number, toMs: number, limit: number): Promise<AlertOutcome[]> {
    const found: AlertOutcome[] = []
    let place = { ms: toMs, id: '' }
    while (found.length < limit) {
      const rows = await this.#outcomesBefore(fromMs, place, Math.min(OUTCOMES_AT_ONCE, limit - found.length))
      const last = rows.at(-1)
      if (last === undefined) break
      for (const row of rows) found.push(toOutcome(row))
      place = { ms: Number(last.started_ms), id: last.id }
    }
    return found
  }

  #outcomesBefore(fromMs: number, { ms, id }: { ms: number; id: string }, limit: number) {
    return this.#context.db
      .selectFrom('alerts')
      .select([
        'id',
        'alertname',
        'service',
        'entity',
        'ours',
        'started_ms',
        'ended_ms',
        'first_notified_ms',
        'acknowledged_ms',
        'verdict',
        sql<number>`case when exists (select 1 from alert_silences where alert_silences.alert_id = alerts.id) then 1 else 0 end`.as(
          'silenced',
        ),
      ])
      .where('started_ms', '>=', fromMs)
      .where((where) =>
        where.or([
          where('started_ms', '<', ms),
          where.and([where('started_ms', '=', ms), where('id', '<', id)]),
        ]),
      )
      .orderBy('started_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
  }

  async newlySilenced(limit: number): Promise<SilencedAlert[]> {
    const rows = await this.#context.db
      .selectFrom('alert_silences')
      .innerJoin('silences', 'silences.id', 'alert_silences.silence_id')
      .innerJoin('alerts', 'alerts.id', 'alert_silences.alert_id')
      .select([
        'silences.id',
        'silences.created_by',
        'silences.comment',
        'silences.starts_ms',
        'silences.ends_ms',
        'silences.updated_ms',
        'silences.matchers',
        'alerts.id as alert_id',
        'alerts.incident_id',
        'alerts.ours',
        'alerts.started_ms',
        'alert_silences.since_ms',
      ])
      .where('alert_silences.dealt_with', '=', 0)
      .orderBy('alert_silences.since_ms')
      .orderBy('alert_silences.alert_id')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      silence: toSilence(row),
      alertId: row.alert_id,
      incidentId: given(row.incident_id),
      ours: row.ours === 1,
      alertStartedMs: Number(row.started_ms),
      sinceMs: Number(row.since_ms),
    }))
  }

  async silencesRead(
    pairs: readonly { readonly silenceId: string; readonly alertId: string }[],
  ): Promise<void> {
    await this.#context.commit.write(async (db) => {
      for (const { silenceId, alertId } of pairs)
        await db
          .updateTable('alert_silences')
          .set({ dealt_with: 1 })
          .where('alert_id', '=', alertId)
          .where('silence_id', '=', silenceId)
          .execute()
    })
  }
}

function toSilence(row: Selectable<Tables['silences']>): Silence {
  return {
    id: row.id,
    createdBy: row.created_by,
    comment: row.comment,
    startsMs: Number(row.starts_ms),
    endsMs: Number(row.ends_ms),
    updatedMs: Number(row.updated_ms),
    matchers: row.matchers,
  }
}

type OutcomeRow = Pick<
  Selectable<Tables['alerts']>,
  | 'alertname'
  | 'service'
  | 'entity'
  | 'ours'
  | 'started_ms'
  | 'ended_ms'
  | 'first_notified_ms'
  | 'acknowledged_ms'
  | 'verdict'
> & { readonly silenced: number }

const toOutcome = (row: OutcomeRow): AlertOutcome => ({
  alertname: row.alertname,
  service: given(row.service),
  entity: given(row.entity),
  ours: row.ours === 1,
  startedMs: Number(row.started_ms),
  endedMs: numberOrUndefined(row.ended_ms),
  notifiedMs: numberOrUndefined(row.first_notified_ms),
  acknowledgedMs: numberOrUndefined(row.acknowledged_ms),
  silenced: Number(row.silenced) === 1,
  verdict: row.verdict === null ? undefined : VerdictValue.parse(row.verdict),
})
