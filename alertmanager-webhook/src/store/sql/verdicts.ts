import { VerdictValue } from '@adf/contract'
import { sql } from 'kysely'
import { standingVerdict } from '../../alerts/standing-verdict.ts'
import type { Tx } from './context.ts'

/** What stands on a target, and when somebody first spoke of it; undefined when nobody did. */
export async function verdictOf(
  db: Tx,
  target: string,
): Promise<{ verdict: VerdictValue; firstMs: number } | undefined> {
  const rows = await db
    .selectFrom('words')
    .select(['verdict', 'weight', 'given_ms'])
    .where('target', '=', target)
    .where('standing', '=', 1)
    .execute()
  const words = rows.map((row) => ({
    verdict: VerdictValue.parse(row.verdict),
    weight: row.weight,
    givenMs: Number(row.given_ms),
  }))
  const verdict = standingVerdict(words)
  return verdict && { verdict, firstMs: Math.min(...words.map(({ givenMs }) => givenMs)) }
}

/** Sets what stands on the alerts of a target; who speaks of an alert has seen to it. */
export async function judgeAlerts(
  db: Tx,
  target: string,
  of: { readonly alert_id: string | null; readonly incident_id: string | null },
  seenToMs: number | undefined,
): Promise<void> {
  const { column, value } =
    of.incident_id !== null
      ? { column: 'incident_id' as const, value: of.incident_id }
      : { column: 'id' as const, value: of.alert_id }
  if (value === null) return
  const verdict = (await verdictOf(db, target))?.verdict ?? null
  await db.updateTable('alerts').set({ verdict }).where(column, '=', value).execute()
  if (seenToMs === undefined) return
  await db
    .updateTable('alerts')
    .set({ acknowledged_ms: sql`${seenToMs}` })
    .where(column, '=', value)
    .where((where) =>
      where.or([where('acknowledged_ms', 'is', null), where('acknowledged_ms', '>', seenToMs)]),
    )
    .execute()
}
