import { sql } from 'kysely'
import type { Retention } from '../store.ts'
import { pieces, type Tx } from './context.ts'

/** Deletes what is past its time, at most `limit` rows of each table; see Store.forget. */
export async function forget(
  db: Tx,
  { nowMs, beforeMs, auditBeforeMs, maxAlerts }: Retention,
  limit: number,
): Promise<Record<string, number>> {
  const before = (column: string, ms: number) => sql<boolean>`${sql.ref(column)} < ${ms}`
  return {
    alerts: await forgetAlerts(db, { beforeMs, maxAlerts }, limit),
    words: await rows(db, 'words', 'id', before('given_ms', beforeMs), limit),
    used_links: await rows(db, 'used_links', 'nonce', before('expires_ms', nowMs), limit),
    missed_incidents: await rows(db, 'missed_incidents', 'id', before('started_ms', beforeMs), limit),
    questions: await rows(
      db,
      'questions',
      'id',
      sql`${before('expires_ms', nowMs)} and ${before('to_ms', beforeMs)}`,
      limit,
    ),
    tuner_steps: await rows(
      db,
      'tuner_steps',
      'id',
      sql`${before('at_ms', beforeMs)} and outcome <> 'pending'`,
      limit,
    ),
    audit: await rows(db, 'audit', 'sequence', before('at_ms', auditBeforeMs), limit),
    judged_episodes: await forgetEpisodes(db, beforeMs),
    silences: await forgetSilences(db, beforeMs, limit),
  }
}

async function rows(
  db: Tx,
  table: 'words' | 'used_links' | 'missed_incidents' | 'questions' | 'tuner_steps' | 'audit',
  key: string,
  where: ReturnType<typeof sql<boolean>>,
  limit: number,
): Promise<number> {
  const from = sql.table(table)
  const id = sql.ref(key)
  const { numAffectedRows } =
    await sql`delete from ${from} where ${id} in (select ${id} from ${from} where ${where} limit ${sql.lit(limit)})`.execute(
      db,
    )
  return Number(numAffectedRows ?? 0)
}

async function forgetAlerts(
  db: Tx,
  { beforeMs, maxAlerts }: { beforeMs: number; maxAlerts: number },
  limit: number,
): Promise<number> {
  const { count } = await db
    .selectFrom('alerts')
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow()
  const tooMany = Math.max(0, Number(count) - maxAlerts)
  const over = db.selectFrom('alerts').select('id').orderBy('started_ms').limit(limit)
  const old = await over.where('ended_ms', 'is not', null).where('started_ms', '<', beforeMs).execute()
  const most = tooMany - old.length
  // Alerts that fire count as well, and stay: what fires is bounded by what there is to watch.
  const more =
    most > 0
      ? await over
          .where('ended_ms', 'is not', null)
          .where('started_ms', '>=', beforeMs)
          .limit(Math.min(most, limit))
          .execute()
      : []
  for (const piece of pieces([...old, ...more])) {
    const ids = piece.map(({ id }) => id)
    for (const table of ['alert_notifications', 'alert_silences', 'alert_inhibitors'] as const)
      await db.deleteFrom(table).where('alert_id', 'in', ids).execute()
    await db.deleteFrom('alerts').where('id', 'in', ids).execute()
  }
  return old.length + more.length
}

async function forgetEpisodes(db: Tx, beforeMs: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('judged_episodes')
    .where('at_ms', '<', beforeMs)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Silences that are over and that no stored alert was under. */
async function forgetSilences(db: Tx, beforeMs: number, limit: number): Promise<number> {
  const ended = await db
    .selectFrom('silences')
    .select('id')
    .where('ends_ms', '<', beforeMs)
    .where('id', 'not in', (used) => used.selectFrom('alert_silences').select('silence_id'))
    .limit(limit)
    .execute()
  for (const piece of pieces(ended))
    await db
      .deleteFrom('silences')
      .where(
        'id',
        'in',
        piece.map(({ id }) => id),
      )
      .execute()
  return ended.length
}
