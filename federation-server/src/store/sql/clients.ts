import type { Client } from '@adf/contract/federation'
import { type Selectable, sql } from 'kysely'
import type { Tables } from '../schema.ts'
import type { ClientStore, EnrolResult, KeyChange, NewClient, NewInvitation, Page } from '../store.ts'
import { type Context, instant, instantOrNull, note, pageOf, type Tx } from './context.ts'
import { enrol } from './enrol.ts'

/** Between two changes of a client's key. */
const BETWEEN_KEYS_MS = 60_000

export class SqlClients implements ClientStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  invite(invitation: NewInvitation, by: string, nowMs: number): Promise<void> {
    const { id, tokenHash, name, sampleCap, trusted, expiresMs } = invitation
    return this.#context.commit.write(async (db) => {
      await db
        .insertInto('invitations')
        .values({
          id,
          token_hash: tokenHash,
          name: name ?? null,
          sample_cap: sampleCap,
          trusted: trusted ? 1 : 0,
          made_ms: nowMs,
          expires_ms: expiresMs,
          client_id: null,
          public_key: null,
        })
        .execute()
      const detail = { name: name ?? null, trusted, expires_at: instant(expiresMs) }
      await note(db, [{ atMs: nowMs, actor: by, action: 'invitation.made', subject: id, detail }])
    })
  }

  enrol(client: NewClient, mostClients: number, nowMs: number): Promise<EnrolResult> {
    return this.#context.commit.write((db) => enrol(db, client, mostClients, nowMs))
  }

  async keyOf(id: string): Promise<{ publicKey: string; revoked: boolean } | undefined> {
    const row = await this.#context.db
      .selectFrom('client_keys')
      .innerJoin('clients', 'clients.id', 'client_keys.client_id')
      .select(['public_key', 'state'])
      .where('client_id', '=', id)
      .where('until_ms', 'is', null)
      .executeTakeFirst()
    return row && { publicKey: row.public_key, revoked: row.state === 'revoked' }
  }

  changeKey(id: string, publicKey: string, nowMs: number): Promise<KeyChange> {
    return this.#context.commit.write(async (db) => {
      const current = await db
        .selectFrom('client_keys')
        .select('public_key')
        .where('client_id', '=', id)
        .where('until_ms', 'is', null)
        .executeTakeFirst()
      if (current === undefined || current.public_key === publicKey) return { kind: 'changed' }
      const { last } = await db
        .selectFrom('client_keys')
        .select((of) => of.fn.max('until_ms').as('last'))
        .where('client_id', '=', id)
        .executeTakeFirstOrThrow()
      const waitMs = last === null ? 0 : Math.min(BETWEEN_KEYS_MS, Number(last) + BETWEEN_KEYS_MS - nowMs)
      if (waitMs > 0) return { kind: 'too_soon', waitMs }
      await db
        .updateTable('client_keys')
        .set({ until_ms: nowMs })
        .where('client_id', '=', id)
        .where('until_ms', 'is', null)
        .execute()
      const fresh = { since_ms: nowMs, until_ms: null }
      await db
        .insertInto('client_keys')
        .values({ client_id: id, public_key: publicKey, ...fresh })
        .onConflict((conflict) => conflict.columns(['client_id', 'public_key']).doUpdateSet(fresh))
        .execute()
      const detail = { before: current.public_key, after: publicKey }
      await note(db, [{ atMs: nowMs, actor: id, action: 'client.key_changed', subject: id, detail }])
      return { kind: 'changed' }
    })
  }

  seen(id: string, nonce: string, nowMs: number, forgetMs: number): Promise<boolean> {
    return this.#context.commit.write(async (db) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('nonces')
        .values({ client_id: id, nonce, expires_ms: forgetMs })
        .onConflict((conflict) => conflict.columns(['client_id', 'nonce']).doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 0n) return false
      await db.updateTable('clients').set({ last_seen_ms: nowMs }).where('id', '=', id).execute()
      return true
    })
  }

  async forgetNonces(nowMs: number): Promise<void> {
    await this.#context.commit.write((db) =>
      db.deleteFrom('nonces').where('expires_ms', '<', nowMs).execute(),
    )
  }

  revoke(id: string, by: string, reason: string | undefined, nowMs: number): Promise<boolean> {
    return this.#context.commit.write(async (db) => {
      const client = await db.selectFrom('clients').select('state').where('id', '=', id).executeTakeFirst()
      if (client === undefined) return false
      if (client.state === 'revoked') return true
      await db
        .updateTable('clients')
        .set({ state: 'revoked', revoked_ms: nowMs })
        .where('id', '=', id)
        .execute()
      const rejected = await rejectAll(db, id)
      const detail = { note: reason ?? null, updates_rejected: rejected }
      await note(db, [{ atMs: nowMs, actor: by, action: 'client.revoked', subject: id, detail }])
      return true
    })
  }

  async get(id: string): Promise<Client | undefined> {
    const row = await this.#context.db
      .selectFrom('clients')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && this.#message(row)
  }

  async page({ limit, cursor }: { limit: number; cursor?: string | undefined }): Promise<Page<Client>> {
    let query = this.#context.db.selectFrom('clients').selectAll()
    if (cursor !== undefined) {
      // An id has no slash, a name may.
      const at = cursor.lastIndexOf('/')
      const [name, id] = [cursor.slice(0, at), cursor.slice(at + 1)]
      query = query.where((where) =>
        where.or([where('name', '>', name), where.and([where('name', '=', name), where('id', '>', id)])]),
      )
    }
    const rows = await query
      .orderBy('name')
      .orderBy('id')
      .limit(limit + 1)
      .execute()
    const page = pageOf(
      rows,
      limit,
      ({ name, id }) => `${name}/${id}`,
      (row) => row,
    )
    return { ...page, items: await Promise.all(page.items.map((row) => this.#message(row))) }
  }

  async counts(seenSinceMs: number): Promise<{ enrolled: number; seen: number; revoked: number }> {
    const row = await this.#context.db
      .selectFrom('clients')
      .select([
        sql<number>`coalesce(sum(case when state = 'enrolled' then 1 else 0 end), 0)`.as('enrolled'),
        sql<number>`coalesce(sum(case when state = 'revoked' then 1 else 0 end), 0)`.as('revoked'),
        sql<number>`coalesce(sum(case when state = 'enrolled' and last_seen_ms >= ${seenSinceMs} then 1 else 0 end), 0)`.as(
          'seen',
        ),
      ])
      .executeTakeFirstOrThrow()
    return { enrolled: Number(row.enrolled), seen: Number(row.seen), revoked: Number(row.revoked) }
  }

  async #message(row: Selectable<Tables['clients']>): Promise<Client> {
    const { db } = this.#context
    const [key, holdings, states, masked, refused] = await Promise.all([
      db
        .selectFrom('client_keys')
        .select('since_ms')
        .where('client_id', '=', row.id)
        .where('until_ms', 'is', null)
        .executeTakeFirst(),
      db.selectFrom('holdings').selectAll().where('client_id', '=', row.id).orderBy('run').execute(),
      db
        .selectFrom('updates')
        .select(['state', sql<number>`count(*)`.as('count')])
        .where('client_id', '=', row.id)
        .groupBy('state')
        .execute(),
      db
        .selectFrom('secure_messages')
        .innerJoin('rounds', (join) =>
          join
            .onRef('rounds.run', '=', 'secure_messages.run')
            .onRef('rounds.round', '=', 'secure_messages.round'),
        )
        .select([
          sql<number>`count(*)`.as('received'),
          sql<number>`coalesce(sum(case when rounds.state = 'COMMITTED' then 1 else 0 end), 0)`.as(
            'aggregated',
          ),
        ])
        .where('client_id', '=', row.id)
        .where('step', '=', 'input')
        .executeTakeFirstOrThrow(),
      db
        .selectFrom('refusals')
        .select(sql<number>`coalesce(sum(count), 0)`.as('count'))
        .where('client_id', '=', row.id)
        .executeTakeFirstOrThrow(),
    ])
    const count = (state: string) => Number(states.find((each) => each.state === state)?.count ?? 0)
    const sum = (values: readonly (number | bigint)[]) => values.reduce<number>((a, b) => a + Number(b), 0)
    const reputations = holdings.flatMap(({ reputation }) => reputation ?? [])
    return {
      id: row.id,
      name: row.name,
      state: row.state === 'revoked' ? 'revoked' : 'enrolled',
      enrolled_at: instant(row.enrolled_ms),
      key_since: instant(key?.since_ms ?? row.enrolled_ms),
      last_seen_at: instantOrNull(row.last_seen_ms),
      sample_cap: Number(row.sample_cap),
      trusted: row.trusted === 1,
      reputation: Math.min(1, ...reputations),
      updates: {
        received: sum([...states.map((each) => each.count), masked.received]),
        aggregated: count('aggregated') + Number(masked.aggregated),
        quarantined: count('quarantined'),
        rejected: count('rejected') + Number(refused.count),
      },
      bytes: { up: sum(holdings.map(({ up }) => up)), down: sum(holdings.map(({ down }) => down)) },
      holding: holdings.flatMap(({ run, version }) =>
        version === null ? [] : [{ run, version: Number(version) }],
      ),
    }
  }
}

/** What a client sent and that is in no aggregate yet. */
async function rejectAll(db: Tx, clientId: string): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('updates')
    .set({ state: 'rejected', reason: 'revoked', body: null })
    .where('client_id', '=', clientId)
    .where('state', 'in', ['pending', 'quarantined', 'released'])
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}
