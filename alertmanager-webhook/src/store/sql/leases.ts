import type { LeaseStore } from '../store.ts'
import type { Context } from './context.ts'

export class SqlLeases implements LeaseStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  acquire(name: string, holder: string, nowMs: number, durationMs: number): Promise<number | undefined> {
    const expires_ms = nowMs + durationMs
    return this.#context.commit.write(async (db) => {
      const row = await db.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst()
      if (row === undefined) {
        await db.insertInto('leases').values({ name, holder, fence: 1, expires_ms }).execute()
        return 1
      }
      const own = row.holder === holder
      // One that runs for longer than any lease was taken before the clock was set back.
      const holds = row.expires_ms > nowMs && row.expires_ms <= nowMs + durationMs
      if (!own && holds) return undefined
      const fence = Number(row.fence) + (own ? 0 : 1)
      await db.updateTable('leases').set({ holder, fence, expires_ms }).where('name', '=', name).execute()
      return fence
    })
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#context.commit.write((db) =>
      db
        .updateTable('leases')
        .set({ expires_ms: 0 })
        .where('name', '=', name)
        .where('holder', '=', holder)
        .execute(),
    )
  }
}
