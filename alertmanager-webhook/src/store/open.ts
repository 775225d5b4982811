import {
  type Claim,
  type DatabasePlace,
  type DatabaseUnwritable,
  GroupCommit,
  migrate,
  openPlace,
  SqlLeases,
  shareOpenDatabase,
} from '@adf/service'
import { migrations } from './migrations/index.ts'
import type { Tables } from './schema.ts'
import { SqlAlerts } from './sql/alerts.ts'
import { SqlAudit } from './sql/audit.ts'
import { linkUsedMs, SqlFeedback } from './sql/feedback.ts'
import { SqlMissed } from './sql/missed.ts'
import { SqlQuestions } from './sql/questions.ts'
import { forget } from './sql/retention.ts'
import { SqlTuner } from './sql/tuner.ts'
import type { Store } from './store.ts'

/** What webhooks of one store take part in, so that nobody changes it behind their backs. */
export const ROLE = 'webhook'

export interface StoreOptions {
  /** For a webhook at work: several are at once, but nobody claims the store meanwhile. */
  readonly share?: boolean
  readonly maxPending?: number
  /** Told when nothing can be written, and of undefined when something can again. */
  readonly writable?: (fault: DatabaseUnwritable | undefined) => void
  /** Told of each transaction that was committed. */
  readonly committed?: (seconds: number) => void
}

/**
 * Opens the store in an SQLite file (or `:memory:`) or in PostgreSQL and brings its schema up to date. Several webhooks may have the same one open.
 * At most `maxPending` writes wait: further ones are refused with CommitQueueFull. Rejects with a DatabaseError.
 */
export async function openStore({
  place,
  share = false,
  maxPending,
  writable = () => {},
  committed = () => {},
}: StoreOptions & { readonly place: DatabasePlace }): Promise<Store> {
  const db = await openPlace<Tables>(place)
  let shared: Claim | undefined
  try {
    if (share) shared = await shareOpenDatabase(db, { place, role: ROLE })
    await migrate(db, migrations)
  } catch (error) {
    await db.destroy()
    await shared?.release()
    throw error
  }
  const commit = new GroupCommit(db, {
    changed: writable,
    committed,
    ...(maxPending !== undefined && { maxPending }),
  })
  const context = { db, commit }
  let closing: Promise<void> | undefined
  const close = async () => {
    await commit.stop()
    await db.destroy()
    await shared?.release()
  }
  return {
    alerts: new SqlAlerts(context),
    feedback: new SqlFeedback(context),
    links: { usedMs: (nonce) => linkUsedMs(db, nonce) },
    missed: new SqlMissed(context),
    questions: new SqlQuestions(context),
    tuner: new SqlTuner(context),
    audit: new SqlAudit(context),
    leases: new SqlLeases(commit),
    forget: (retention, limit) => commit.write((tx) => forget(tx, retention, limit)),
    fault: () => commit.fault?.message,
    close: () => (closing ??= close()),
  }
}
