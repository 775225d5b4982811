import { setImmediate as breathe } from 'node:timers/promises'
import type { Insertable } from 'kysely'
import type { EndKnown, Tables } from '../schema.ts'
import type { AlertNotification, NotifiedAlert, NotifiedOutcome } from '../store.ts'
import { pieces, type Tx } from './context.ts'
import { verdictOf } from './verdicts.ts'

export interface KnownAlert {
  readonly id: string
  readonly fingerprint: string
  readonly startedMs: number
  readonly endedMs: number | undefined
  readonly endKnown: EndKnown | undefined
  readonly labels: string
}

/** An end that nobody told of: a notification that it fires says that it was none. */
const undone = (end: EndKnown | undefined) => end === 'silent' || end === 'unlisted'

/** Stores a notification; see AlertStore.notified. */
export async function storeNotification(
  db: Tx,
  { receiver, groupKey, alerts }: AlertNotification,
  nowMs: number,
): Promise<NotifiedOutcome[]> {
  const outcomes: NotifiedOutcome[] = []
  let first = true
  for (const piece of pieces(alerts)) {
    if (!first) await breathe()
    first = false
    const known = await knownAlerts(db, piece)
    const told: { id: string; alert: NotifiedAlert }[] = []
    for (const alert of piece) {
      const before = known.get(keyOf(alert))
      if (before !== undefined && before.labels !== textOf(alert.labels)) {
        outcomes.push('conflicting')
        continue
      }
      const { outcome, after } = await storeOne(db, alert, before, nowMs)
      outcomes.push(outcome)
      known.set(keyOf(alert), after)
      told.push({ id: after.id, alert })
    }
    await noteNotifications(db, told, { receiver, groupKey }, nowMs)
  }
  return outcomes
}

async function storeOne(
  db: Tx,
  alert: NotifiedAlert,
  before: KnownAlert | undefined,
  nowMs: number,
): Promise<{ outcome: NotifiedOutcome; after: KnownAlert }> {
  if (before === undefined) {
    const after = await insertAlert(db, alert, nowMs)
    if (after !== undefined) return { outcome: outcomeOf(alert, before), after }
    return storeOne(db, alert, (await knownAlerts(db, [alert])).get(keyOf(alert)), nowMs)
  }
  const outcome = outcomeOf(alert, before)
  const end = endAfter(alert, before)
  const changed = end.endedMs !== before.endedMs || end.endKnown !== before.endKnown
  if (changed) {
    await db
      .updateTable('alerts')
      .set({ ended_ms: end.endedMs ?? null, end_known: end.endKnown ?? null })
      .where('id', '=', before.id)
      .execute()
    if (end.endedMs !== undefined) await endWithin(db, alert, end.endedMs)
  }
  return { outcome, after: { ...before, ...end } }
}

function outcomeOf(
  { endedMs }: NotifiedAlert,
  before: Pick<KnownAlert, 'endedMs' | 'endKnown'> | undefined,
): NotifiedOutcome {
  if (endedMs === undefined) {
    if (before === undefined) return 'fired'
    return before.endKnown === 'told' ? 'late' : 'known'
  }
  return before?.endKnown === 'told' ? 'known' : 'resolved'
}

/** The end as it is known after this notification: of told ones the latest, whichever came first. */
function endAfter({ endedMs }: NotifiedAlert, before: KnownAlert): Pick<KnownAlert, 'endedMs' | 'endKnown'> {
  if (endedMs === undefined)
    return undone(before.endKnown) ? { endedMs: undefined, endKnown: undefined } : before
  const known = before.endKnown === 'told' ? (before.endedMs ?? endedMs) : endedMs
  return { endedMs: Math.max(known, endedMs), endKnown: 'told' }
}

/**
 * Inserts an alert that is not known; as one that nobody was notified of when `nowMs` is undefined. Undefined when another replica has just
 * done so.
 */
export async function insertAlert(
  db: Tx,
  alert: NotifiedAlert,
  nowMs: number | undefined,
): Promise<KnownAlert | undefined> {
  const later = await db
    .selectFrom('alerts')
    .select((select) => select.fn.min('started_ms').as('started_ms'))
    .where('fingerprint', '=', alert.fingerprint)
    .where('started_ms', '>', alert.startedMs)
    .executeTakeFirst()
  const supersededMs = later?.started_ms == null ? undefined : Number(later.started_ms)
  const end: Pick<KnownAlert, 'endedMs' | 'endKnown'> =
    alert.endedMs !== undefined
      ? { endedMs: alert.endedMs, endKnown: 'told' }
      : supersededMs !== undefined
        ? { endedMs: supersededMs, endKnown: 'superseded' }
        : { endedMs: undefined, endKnown: undefined }
  const labels = textOf(alert.labels)
  const row: Insertable<Tables['alerts']> = {
    id: alert.id,
    fingerprint: alert.fingerprint,
    started_ms: alert.startedMs,
    ended_ms: end.endedMs ?? null,
    end_known: end.endKnown ?? null,
    alertname: alert.alertname,
    service: alert.service ?? null,
    entity: alert.entity ?? null,
    ours: alert.ours ? 1 : 0,
    incident_id: alert.incidentId ?? null,
    labels,
    annotations: JSON.stringify(alert.annotations),
    generator_url: alert.generatorUrl,
    first_notified_ms: nowMs ?? null,
    last_notified_ms: nowMs ?? null,
    acknowledged_ms: null,
    verdict: null,
  }
  const said =
    alert.incidentId === undefined ? undefined : await verdictOf(db, `incident:${alert.incidentId}`)
  const { numInsertedOrUpdatedRows: inserted } = await db
    .insertInto('alerts')
    .values({ ...row, verdict: said?.verdict ?? null, acknowledged_ms: said?.firstMs ?? null })
    .onConflict((conflict) => conflict.columns(['fingerprint', 'started_ms']).doNothing())
    .executeTakeFirstOrThrow()
  if (inserted === 0n) return undefined
  // The firings before it are over.
  await db
    .updateTable('alerts')
    .set({ ended_ms: alert.startedMs, end_known: 'superseded' })
    .where('fingerprint', '=', alert.fingerprint)
    .where('started_ms', '<', alert.startedMs)
    .where('ended_ms', 'is', null)
    .execute()
  if (alert.endedMs !== undefined) await endWithin(db, alert, alert.endedMs)
  const { id, fingerprint, startedMs } = alert
  return { id, fingerprint, startedMs, ...end, labels }
}

/** Replicas that heard of it at other times have it as a firing that begins within this one: Alertmanager tells the end of the longest only. */
async function endWithin(db: Tx, { fingerprint, startedMs }: NotifiedAlert, endedMs: number): Promise<void> {
  await db
    .updateTable('alerts')
    .set({ ended_ms: endedMs, end_known: 'superseded' })
    .where('fingerprint', '=', fingerprint)
    .where('started_ms', '>', startedMs)
    .where('started_ms', '<', endedMs)
    .where('ended_ms', 'is', null)
    .execute()
}

async function noteNotifications(
  db: Tx,
  told: readonly { id: string; alert: NotifiedAlert }[],
  { receiver, groupKey }: Pick<AlertNotification, 'receiver' | 'groupKey'>,
  nowMs: number,
): Promise<void> {
  if (told.length === 0) return
  await db
    .insertInto('alert_notifications')
    .values(
      told.map(({ id, alert }) => ({
        alert_id: id,
        receiver,
        status: alert.endedMs === undefined ? 'firing' : 'resolved',
        group_key: groupKey,
        at_ms: nowMs,
      })),
    )
    .onConflict((conflict) => conflict.columns(['alert_id', 'receiver', 'status']).doNothing())
    .execute()
  await db
    .updateTable('alerts')
    .set((value) => ({
      last_notified_ms: nowMs,
      first_notified_ms: value.fn.coalesce('first_notified_ms', value.val(nowMs)),
    }))
    .where(
      'id',
      'in',
      told.map(({ id }) => id),
    )
    .execute()
}

/** Of these alerts those that are stored. */
export async function knownAlerts(
  db: Tx,
  alerts: readonly NotifiedAlert[],
): Promise<Map<string, KnownAlert>> {
  const wanted = new Set(alerts.map(keyOf))
  const rows = await db
    .selectFrom('alerts')
    .select(['id', 'fingerprint', 'started_ms', 'ended_ms', 'end_known', 'labels'])
    .where('fingerprint', 'in', [...new Set(alerts.map(({ fingerprint }) => fingerprint))])
    .where('started_ms', 'in', [...new Set(alerts.map(({ startedMs }) => startedMs))])
    .execute()
  const known = rows.map(
    (row): KnownAlert => ({
      id: row.id,
      fingerprint: row.fingerprint,
      startedMs: Number(row.started_ms),
      endedMs: row.ended_ms === null ? undefined : Number(row.ended_ms),
      endKnown: row.end_known ?? undefined,
      labels: row.labels,
    }),
  )
  return new Map(known.map((one) => [keyOf(one), one] as const).filter(([key]) => wanted.has(key)))
}

export const keyOf = ({ fingerprint, startedMs }: Pick<KnownAlert, 'fingerprint' | 'startedMs'>): string =>
  `${fingerprint} ${startedMs}`

/** In the order of their names, so that equal labels are equal texts. */
function textOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))))
}
