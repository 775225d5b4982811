import type { Transaction } from 'kysely'
import type { GroupCommit } from './commit.ts'

/** Which of several replicas does a thing that only one may do. leases.contract.ts is the test suite that every engine passes. */
export interface LeaseStore {
  /**
   * Takes the lease for `holder`, or extends it, until `nowMs + durationMs`. Clocks of replicas may differ by `durationMs`: a lease that
   * would run for longer than twice that from now does not hold, since then the clock was set back.
   *
   * @param nowMs milliseconds since the Unix epoch
   * @returns the fence: from 1, it grows with each change of hands, so that who lost the lease can write no more;
   *   undefined while another holds it
   */
  acquire(name: string, holder: string, nowMs: number, durationMs: number): Promise<number | undefined>
  /** Gives the lease back, so that another may take it at once. Without effect when `holder` does not have it. */
  release(name: string, holder: string): Promise<void>
}

/** The table of leases, as a migration of each service makes it. */
export interface LeaseTables {
  leases: {
    /** What is leased; the primary key. */
    name: string
    /** Who took it last. */
    holder: string
    /** 64-bit. Of the latest holder; it stays when a lease runs out or is given back. */
    fence: number
    /** 64-bit. Until when it holds, in milliseconds since the Unix epoch; 0 once it is given back. */
    expires_ms: number
  }
}

/** Leases in an SQL database, whose transactions run one after the other. */
export class SqlLeases implements LeaseStore {
  readonly #commit: Pick<GroupCommit<LeaseTables>, 'write'>

  constructor(commit: Pick<GroupCommit<LeaseTables>, 'write'>) {
    this.#commit = commit
  }

  acquire(name: string, holder: string, nowMs: number, durationMs: number): Promise<number | undefined> {
    const expires_ms = nowMs + durationMs
    return this.#commit.write(async (db) => {
      const row = await db.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst()
      if (row === undefined) {
        await db.insertInto('leases').values({ name, holder, fence: 1, expires_ms }).execute()
        return 1
      }
      const own = row.holder === holder
      const holds = row.expires_ms > nowMs && row.expires_ms <= nowMs + 2 * durationMs
      if (!own && holds) return undefined
      const fence = Number(row.fence) + (own ? 0 : 1)
      await db.updateTable('leases').set({ holder, fence, expires_ms }).where('name', '=', name).execute()
      return fence
    })
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#commit.write((db) =>
      db
        .updateTable('leases')
        .set({ expires_ms: 0 })
        .where('name', '=', name)
        .where('holder', '=', holder)
        .execute(),
    )
  }
}

/** Of the latest holder, for writes of which only that one is allowed; undefined when nobody ever took the lease. */
export async function fenceOf(db: Transaction<LeaseTables>, name: string): Promise<number | undefined> {
  const row = await db.selectFrom('leases').select('fence').where('name', '=', name).executeTakeFirst()
  return row && Number(row.fence)
}
