import { VerdictValue } from '@adf/contract'
import type { Alert } from '@adf/contract/feedback'
import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../schema.ts'
import { instant, instantOrNull, pieces } from './context.ts'

type Row = Selectable<Tables['alerts']>

const Texts = z.record(z.string(), z.string())

/** Alerts with what is told of them in other tables, in the order of their rows. */
export async function alertsOf(db: Kysely<Tables>, rows: readonly Row[]): Promise<Alert[]> {
  const told = new Map<string, { receiver: string; group_key: string }[]>()
  const silences = new Map<string, string[]>()
  const inhibitors = new Map<string, string[]>()
  for (const ids of pieces(rows.map(({ id }) => id))) {
    const notifications = await db
      .selectFrom('alert_notifications')
      .select(['alert_id', 'receiver', 'group_key'])
      .where('alert_id', 'in', ids)
      .orderBy('at_ms')
      .execute()
    for (const { alert_id, ...one } of notifications) put(told, alert_id, one)
    const silenced = await db
      .selectFrom('alert_silences')
      .select(['alert_id', 'silence_id'])
      .where('alert_id', 'in', ids)
      .orderBy('since_ms')
      .execute()
    for (const { alert_id, silence_id } of silenced) put(silences, alert_id, silence_id)
    const inhibited = await db
      .selectFrom('alert_inhibitors')
      .select(['alert_id', 'fingerprint'])
      .where('alert_id', 'in', ids)
      .orderBy('since_ms')
      .execute()
    for (const { alert_id, fingerprint } of inhibited) put(inhibitors, alert_id, fingerprint)
  }
  return rows.map((row) => {
    const notifications = told.get(row.id) ?? []
    return {
      id: row.id,
      fingerprint: row.fingerprint,
      alertname: row.alertname,
      labels: Texts.parse(JSON.parse(row.labels)),
      annotations: Texts.parse(JSON.parse(row.annotations)),
      generator_url: row.generator_url,
      ours: row.ours === 1,
      incident_id: row.incident_id,
      service: row.service,
      entity: row.entity,
      started_at: instant(row.started_ms),
      ended_at: instantOrNull(row.ended_ms),
      first_notified_at: instantOrNull(row.first_notified_ms),
      last_notified_at: instantOrNull(row.last_notified_ms),
      notifications: notifications.length,
      receivers: [...new Set(notifications.map(({ receiver }) => receiver))],
      group_keys: [...new Set(notifications.map(({ group_key }) => group_key))],
      silenced: silences.get(row.id) ?? [],
      inhibited_by: inhibitors.get(row.id) ?? [],
      acknowledged_at: instantOrNull(row.acknowledged_ms),
      verdict: row.verdict === null ? null : VerdictValue.parse(row.verdict),
    }
  })
}

function put<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
