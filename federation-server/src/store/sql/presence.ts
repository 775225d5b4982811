import { sql } from 'kysely'
import type { PresenceStore } from '../store.ts'
import type { Context } from './context.ts'

export class SqlPresence implements PresenceStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  async came(
    clientId: string,
    runs: readonly { run: string; version: number | undefined }[],
    nowMs: number,
    gapMs: number,
  ): Promise<void> {
    if (runs.length === 0) return
    await this.#context.commit.write(async (db) => {
      for (const { run, version = null } of runs)
        await db
          .insertInto('holdings')
          .values({
            run,
            client_id: clientId,
            version,
            since_ms: nowMs,
            seen_ms: nowMs,
            reputation: null,
            up: 0,
            down: 0,
          })
          .onConflict((conflict) =>
            conflict.columns(['run', 'client_id']).doUpdateSet({
              version,
              seen_ms: nowMs,
              since_ms: sql`case when holdings.seen_ms < ${nowMs - gapMs} then ${nowMs} else holdings.since_ms end`,
            }),
          )
          .execute()
    })
  }

  async sent(run: string, clientId: string, bytes: number): Promise<void> {
    await this.#context.commit.write(async (db) => {
      await db
        .updateTable('holdings')
        .set({ down: sql`down + ${bytes}` })
        .where('run', '=', run)
        .where('client_id', '=', clientId)
        .execute()
      await db
        .updateTable('rounds')
        .set({ down: sql`down + ${bytes}` })
        .where('run', '=', run)
        .where('round', '=', (latest) =>
          latest
            .selectFrom('rounds')
            .select((of) => of.fn.max('round').as('round'))
            .where('run', '=', run),
        )
        .execute()
    })
  }

  async refused(run: string, clientId: string, reason: string): Promise<void> {
    await this.#context.commit.write((db) =>
      db
        .insertInto('refusals')
        .values({ run, client_id: clientId, reason, count: 1 })
        .onConflict((conflict) =>
          conflict.columns(['run', 'client_id', 'reason']).doUpdateSet({ count: sql`refusals.count + 1` }),
        )
        .execute(),
    )
  }
}
