import type { ListedAlert, Silence } from '../store.ts'
import type { Tx } from './context.ts'
import { insertAlert, keyOf, knownAlerts } from './notified.ts'

/** Stores silences; the latest version of each holds. */
export async function storeSilences(db: Tx, silences: readonly Silence[]): Promise<void> {
  for (const { id, createdBy, comment, startsMs, endsMs, updatedMs, matchers } of silences) {
    const row = {
      created_by: createdBy,
      comment,
      starts_ms: startsMs,
      ends_ms: endsMs,
      updated_ms: updatedMs,
      matchers,
    }
    const stored = await db
      .selectFrom('silences')
      .select('updated_ms')
      .where('id', '=', id)
      .executeTakeFirst()
    if (stored === undefined)
      await db
        .insertInto('silences')
        .values({ id, ...row })
        .execute()
    else if (Number(stored.updated_ms) < updatedMs)
      await db.updateTable('silences').set(row).where('id', '=', id).execute()
  }
}

/** Stores that alerts are silenced or inhibited. */
export async function storeListed(db: Tx, alerts: readonly ListedAlert[], nowMs: number): Promise<void> {
  if (alerts.length === 0) return
  const known = await knownAlerts(db, alerts)
  for (const alert of alerts) {
    const stored = known.get(keyOf(alert)) ?? (await insertAlert(db, alert, undefined))
    // Another replica has just stored it: the next time it is known.
    if (stored === undefined) continue
    const { id } = stored
    for (const silence_id of alert.silencedBy)
      await db
        .insertInto('alert_silences')
        .values({ alert_id: id, silence_id, since_ms: nowMs, dealt_with: 0 })
        .onConflict((conflict) => conflict.columns(['alert_id', 'silence_id']).doNothing())
        .execute()
    for (const fingerprint of alert.inhibitedBy)
      await db
        .insertInto('alert_inhibitors')
        .values({ alert_id: id, fingerprint, since_ms: nowMs })
        .onConflict((conflict) => conflict.columns(['alert_id', 'fingerprint']).doNothing())
        .execute()
    await seenToBySilence(db, id, alert.silencedBy)
  }
}

/** Who silences an alert that fires has seen to it; a silence that was there before says nothing of it. */
async function seenToBySilence(db: Tx, alertId: string, silenceIds: readonly string[]): Promise<void> {
  if (silenceIds.length === 0) return
  const first = await db
    .selectFrom('silences')
    .innerJoin('alerts', (join) => join.on('alerts.id', '=', alertId))
    .select((select) => select.fn.min('silences.starts_ms').as('starts_ms'))
    .where('silences.id', 'in', [...silenceIds])
    .whereRef('silences.starts_ms', '>', 'alerts.started_ms')
    .executeTakeFirst()
  if (first?.starts_ms == null) return
  const atMs = Number(first.starts_ms)
  await db
    .updateTable('alerts')
    .set({ acknowledged_ms: atMs })
    .where('id', '=', alertId)
    .where((where) => where.or([where('acknowledged_ms', 'is', null), where('acknowledged_ms', '>', atMs)]))
    .execute()
}

/** Ends alerts that nobody was notified of and that are listed no more. */
export async function endUnlisted(db: Tx, alerts: readonly ListedAlert[], nowMs: number): Promise<void> {
  const listed = new Set(alerts.map(keyOf))
  const open = await db
    .selectFrom('alerts')
    .select(['id', 'fingerprint', 'started_ms'])
    .where('ended_ms', 'is', null)
    .where('first_notified_ms', 'is', null)
    .execute()
  for (const { id, fingerprint, started_ms } of open) {
    if (listed.has(keyOf({ fingerprint, startedMs: Number(started_ms) }))) continue
    await db
      .updateTable('alerts')
      .set({ ended_ms: nowMs, end_known: 'unlisted' })
      .where('id', '=', id)
      .execute()
  }
}
