import { type Update, UpdateFinding, UpdateState } from '@adf/contract/federation'
import { type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../schema.ts'
import type {
  NewUpdate,
  Page,
  Review,
  RoundUpdate,
  SubmitResult,
  SubmitRule,
  UpdateFilter,
  UpdateStore,
} from '../store.ts'
import { type Context, given, instant, instantOrNull, note, pageOf, type Tx } from './context.ts'
import { submit } from './submit.ts'

const Findings = z.array(UpdateFinding)

export class SqlUpdates implements UpdateStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  submit(update: NewUpdate, rule: SubmitRule, nowMs: number): Promise<SubmitResult> {
    return this.#context.commit.write((db) => submit(db, update, rule, nowMs))
  }

  async of(run: string, round: number): Promise<RoundUpdate[]> {
    const rows = await this.#context.db
      .selectFrom('updates')
      .innerJoin('clients', 'clients.id', 'updates.client_id')
      .select(['updates.id', 'client_id', 'round', 'base', 'samples', 'loss', 'updates.state'])
      .select(['sample_cap', 'trusted'])
      .where('run', '=', run)
      .where('counts_in', '=', round)
      .where('updates.state', 'in', ['pending', 'released'])
      .orderBy('client_id')
      .orderBy('updates.id')
      .execute()
    return rows.map((row) => ({
      id: row.id,
      clientId: row.client_id,
      trusted: row.trusted === 1,
      round: Number(row.round),
      base: Number(row.base),
      samples: Number(row.samples),
      sampleCap: Number(row.sample_cap),
      loss: given(row.loss),
      released: row.state === 'released',
    }))
  }

  async body(id: string): Promise<Uint8Array | undefined> {
    const row = await this.#context.db
      .selectFrom('updates')
      .select('body')
      .where('id', '=', id)
      .executeTakeFirst()
    return row && given(row.body)
  }

  async get(id: string): Promise<Update | undefined> {
    const row = await messages(this.#context.db).where('updates.id', '=', id).executeTakeFirst()
    return row && toUpdate(row)
  }

  async page({ state, run, round, client, limit, cursor }: UpdateFilter): Promise<Page<Update>> {
    let query = messages(this.#context.db)
    if (state !== undefined) query = query.where('updates.state', '=', state)
    if (run !== undefined) query = query.where('run', '=', run)
    if (round !== undefined)
      query = query.where((where) => where.or([where('round', '=', round), where('counts_in', '=', round)]))
    if (client !== undefined) query = query.where('client_id', '=', client)
    if (cursor !== undefined) query = query.where('updates.id', '<', cursor)
    const rows = await query
      .orderBy('updates.id', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, ({ id }) => id, toUpdate)
  }

  review(id: string, review: Review, nowMs: number): Promise<{ update: Update; done: boolean } | undefined> {
    return this.#context.commit.write(async (db) => {
      const before = await messages(db).where('updates.id', '=', id).executeTakeFirst()
      if (before === undefined) return undefined
      if (before.state !== 'quarantined') return { update: toUpdate(before), done: false }
      const { decision, reviewer, by } = review
      await db
        .updateTable('updates')
        .set({
          state: decision,
          reviewed_ms: nowMs,
          reviewer,
          note: review.note ?? null,
          ...(decision === 'released' ? { counts_in: null } : { body: null }),
        })
        .where('id', '=', id)
        .execute()
      const detail = {
        client: before.client_id,
        run: before.run,
        round: Number(before.round),
        reviewer,
        note: review.note ?? null,
      }
      const action = decision === 'released' ? 'update.released' : 'update.rejected'
      await note(db, [{ atMs: nowMs, actor: by, action, subject: id, detail }])
      return {
        update: toUpdate(await messages(db).where('updates.id', '=', id).executeTakeFirstOrThrow()),
        done: true,
      }
    })
  }

  async quarantined(): Promise<number> {
    const row = await this.#context.db
      .selectFrom('updates')
      .select(sql<number>`count(*)`.as('count'))
      .where('state', '=', 'quarantined')
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }
}

const COLUMNS = [
  'updates.id',
  'run',
  'round',
  'client_id',
  'updates.state',
  'reason',
  'findings',
  'base',
  'samples',
  'norm',
  'size',
  'hash',
  'received_ms',
  'reviewed_ms',
  'reviewer',
  'note',
  'clients.name as client',
] as const

const messages = (db: Context['db'] | Tx) =>
  db.selectFrom('updates').innerJoin('clients', 'clients.id', 'updates.client_id').select(COLUMNS)

type Row = Pick<
  Selectable<Tables['updates']>,
  | 'id'
  | 'run'
  | 'round'
  | 'client_id'
  | 'state'
  | 'reason'
  | 'findings'
  | 'base'
  | 'samples'
  | 'norm'
  | 'size'
  | 'hash'
  | 'received_ms'
  | 'reviewed_ms'
  | 'reviewer'
  | 'note'
> & { readonly client: string }

function toUpdate(row: Row): Update {
  return {
    id: row.id,
    run: row.run,
    round: Number(row.round),
    client_id: row.client_id,
    client: row.client,
    state: UpdateState.parse(row.state),
    reason: row.reason,
    findings: Findings.parse(JSON.parse(row.findings)),
    base: Number(row.base),
    samples: Number(row.samples),
    bytes: Number(row.size),
    norm: row.norm,
    hash: row.hash,
    received_at: instant(row.received_ms),
    reviewed_at: instantOrNull(row.reviewed_ms),
    reviewer: row.reviewer,
    note: row.note,
  }
}
