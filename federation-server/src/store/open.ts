import {
  type DatabasePlace,
  type DatabaseUnwritable,
  GroupCommit,
  migrate,
  openPlace,
  SqlLeases,
} from '@adf/service'
import { migrations } from './migrations/index.ts'
import type { Tables } from './schema.ts'
import { SqlAudit } from './sql/audit.ts'
import { SqlClients } from './sql/clients.ts'
import { SqlPresence } from './sql/presence.ts'
import { SqlRounds } from './sql/rounds.ts'
import { SqlRuns } from './sql/runs.ts'
import { SqlSecure } from './sql/secure.ts'
import { SqlUpdates } from './sql/updates.ts'
import type { Store } from './store.ts'

/**
 * Opens the store in an SQLite file (or `:memory:`) or in PostgreSQL and brings its schema up to date. Several servers may have the same one
 * open: the lease says which of them drives the rounds. Rejects with a DatabaseError.
 */
export async function openStore({
  place,
  writable = () => {},
  committed = () => {},
}: {
  place: DatabasePlace
  /** Told when nothing can be written, and of undefined when something can again. */
  writable?: (fault: DatabaseUnwritable | undefined) => void
  /** Told of each transaction that was committed. */
  committed?: (seconds: number) => void
}): Promise<Store> {
  const db = await openPlace<Tables>(place)
  try {
    await migrate(db, migrations)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const commit = new GroupCommit(db, { changed: writable, committed })
  const context = { db, commit }
  let closing: Promise<void> | undefined
  const close = async () => {
    await commit.stop()
    await db.destroy()
  }
  return {
    clients: new SqlClients(context),
    presence: new SqlPresence(context),
    runs: new SqlRuns(context),
    rounds: new SqlRounds(context),
    updates: new SqlUpdates(context),
    secure: new SqlSecure(context),
    audit: new SqlAudit(context),
    leases: new SqlLeases(commit),
    fault: () => commit.fault?.message,
    close: () => (closing ??= close()),
  }
}
