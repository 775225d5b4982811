import { type DatabaseUnwritable, GroupCommit, migrate, openDatabase } from '@adf/service'
import { migrations } from './migrations/index.ts'
import type { Tables } from './schema.ts'
import { SqlAlerts } from './sql/alerts.ts'
import { SqlAudit } from './sql/audit.ts'
import { linkUsedMs, SqlFeedback } from './sql/feedback.ts'
import { SqlLeases } from './sql/leases.ts'
import { SqlMissed } from './sql/missed.ts'
import { SqlQuestions } from './sql/questions.ts'
import { forget } from './sql/retention.ts'
import { SqlTuner } from './sql/tuner.ts'
import type { Store } from './store.ts'

/**
 * Opens the store in an SQLite file (or `:memory:`) and brings its schema up to date. Several webhooks on one machine may have the same file open.
 * At most `maxPending` writes wait: further ones are refused with CommitQueueFull. Rejects with a DatabaseError.
 */
export async function openSqliteStore({
  path,
  maxPending,
  writable = () => {},
}: {
  path: string
  maxPending?: number
  /** Told when nothing can be written, and of undefined when something can again. */
  writable?: (fault: DatabaseUnwritable | undefined) => void
}): Promise<Store> {
  const db = await openDatabase<Tables>({ path })
  try {
    await migrate(db, migrations)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const commit = new GroupCommit(db, {
    changed: writable,
    ...(maxPending !== undefined && { maxPending }),
  })
  const context = { db, commit }
  let closing: Promise<void> | undefined
  const close = async () => {
    await commit.stop()
    await db.destroy()
  }
  return {
    alerts: new SqlAlerts(context),
    feedback: new SqlFeedback(context),
    links: { usedMs: (nonce) => linkUsedMs(db, nonce) },
    missed: new SqlMissed(context),
    questions: new SqlQuestions(context),
    tuner: new SqlTuner(context),
    audit: new SqlAudit(context),
    leases: new SqlLeases(context),
    forget: (retention, limit) => commit.write((tx) => forget(tx, retention, limit)),
    fault: () => commit.fault?.message,
    close: () => (closing ??= close()),
  }
}
