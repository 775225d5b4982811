import { FederatedModel } from '@adf/contract/federation'
import { sql } from 'kysely'
import { bufferOf } from '../buffer.ts'
import type { NewRun, RunMemory, RunStore, StoredRun, StoredVersion } from '../store.ts'
import { type Context, given, note } from './context.ts'

export class SqlRuns implements RunStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  ensure(run: NewRun, nowMs: number): Promise<FederatedModel> {
    const { name, model, settings, secret, weights, hash } = run
    return this.#context.commit.write(async (db) => {
      const there = await db
        .selectFrom('runs')
        .select(['model', 'settings'])
        .where('name', '=', name)
        .executeTakeFirst()
      const line = { atMs: nowMs, actor: 'server', subject: name } as const
      if (there !== undefined) {
        const kept = FederatedModel.parse(JSON.parse(there.model))
        if (there.settings === settings || JSON.stringify(kept) !== JSON.stringify(model)) return kept
        await db.updateTable('runs').set({ settings }).where('name', '=', name).execute()
        await note(db, [
          { ...line, action: 'run.changed', detail: { before: there.settings, after: settings } },
        ])
        return kept
      }
      await db
        .insertInto('runs')
        .values({
          name,
          state: 'running',
          model: JSON.stringify(model),
          settings,
          secret: bufferOf(secret),
          version: 0,
          committed: 0,
          abandoned: 0,
          created_ms: nowMs,
        })
        .execute()
      const bytes = bufferOf(weights)
      await db
        .insertInto('run_memory')
        .values({ run: name, weights: bytes, optimiser: null, poisoning: null })
        .execute()
      await db
        .insertInto('versions')
        .values({ run: name, version: 0, hash, weights: bytes, delta: null, created_ms: nowMs })
        .execute()
      await note(db, [{ ...line, action: 'run.created', detail: { hash, settings } }])
      return model
    })
  }

  async get(name: string): Promise<StoredRun | undefined> {
    const row = await this.#context.db
      .selectFrom('runs')
      .innerJoin('versions', (join) =>
        join.onRef('versions.run', '=', 'runs.name').onRef('versions.version', '=', 'runs.version'),
      )
      .select(['name', 'model', 'state', 'secret', 'runs.version', 'hash', 'committed', 'abandoned'])
      .where('name', '=', name)
      .executeTakeFirst()
    return (
      row && {
        name,
        model: FederatedModel.parse(JSON.parse(row.model)),
        state: row.state === 'paused' ? 'paused' : 'running',
        secret: row.secret,
        version: Number(row.version),
        hash: row.hash,
        committed: Number(row.committed),
        abandoned: Number(row.abandoned),
      }
    )
  }

  setState(name: string, state: 'running' | 'paused', by: string, nowMs: number): Promise<boolean> {
    return this.#context.commit.write(async (db) => {
      const row = await db.selectFrom('runs').select('state').where('name', '=', name).executeTakeFirst()
      if (row === undefined) return false
      if (row.state === state) return true
      await db.updateTable('runs').set({ state }).where('name', '=', name).execute()
      await note(db, [
        { atMs: nowMs, actor: by, action: 'run.state_changed', subject: name, detail: { state } },
      ])
      return true
    })
  }

  async memory(name: string): Promise<RunMemory | undefined> {
    const row = await this.#context.db
      .selectFrom('run_memory')
      .selectAll()
      .where('run', '=', name)
      .executeTakeFirst()
    return row && { weights: row.weights, optimiser: given(row.optimiser), poisoning: given(row.poisoning) }
  }

  async version(run: string, version: number): Promise<StoredVersion | undefined> {
    const row = await this.#context.db
      .selectFrom('versions')
      .select(['hash', 'weights', 'delta'])
      .where('run', '=', run)
      .where('version', '=', version)
      .executeTakeFirst()
    return row && { hash: row.hash, weights: given(row.weights), delta: given(row.delta) }
  }

  async hash(run: string, version: number): Promise<string | undefined> {
    const row = await this.#context.db
      .selectFrom('versions')
      .select('hash')
      .where('run', '=', run)
      .where('version', '=', version)
      .executeTakeFirst()
    return row?.hash
  }

  async delta(run: string, version: number): Promise<Uint8Array | undefined> {
    const row = await this.#context.db
      .selectFrom('versions')
      .select('delta')
      .where('run', '=', run)
      .where('version', '=', version)
      .executeTakeFirst()
    return row && given(row.delta)
  }

  async bytes(run: string): Promise<{ up: number; down: number }> {
    const row = await this.#context.db
      .selectFrom('rounds')
      .select([sql<number>`coalesce(sum(up), 0)`.as('up'), sql<number>`coalesce(sum(down), 0)`.as('down')])
      .where('run', '=', run)
      .executeTakeFirstOrThrow()
    return { up: Number(row.up), down: Number(row.down) }
  }

  async mostUpdates(run: string): Promise<number> {
    const { db } = this.#context
    const masked = db
      .selectFrom('secure_messages')
      .select('client_id')
      .where('run', '=', run)
      .where('step', '=', 'input')
    const row = await db
      .selectFrom(
        db.selectFrom('updates').select('client_id').where('run', '=', run).unionAll(masked).as('sent'),
      )
      .select(sql<number>`count(*)`.as('count'))
      .groupBy('client_id')
      .orderBy('count', 'desc')
      .limit(1)
      .executeTakeFirst()
    return Number(row?.count ?? 0)
  }
}
