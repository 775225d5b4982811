import { type Round as RoundMessage, RoundState } from '@adf/contract/federation'
import { type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { Situation } from '../../round/decide.ts'
import { isTaking, type Round } from '../../round/round.ts'
import type { Tables } from '../schema.ts'
import type { Page, PresenceRule, RoundChange, RoundStore } from '../store.ts'
import { advance } from './advance.ts'
import { type Context, given, instant, instantOrNull, numberOf, pageOf } from './context.ts'
import { secureSituation } from './secure-phases.ts'
import { waitingUpdates } from './waiting.ts'

type Row = Selectable<Tables['rounds']>

const LeftOut = z.record(z.string(), z.int().min(0))

export class SqlRounds implements RoundStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  advance(change: RoundChange, fence: number): Promise<void> {
    return this.#context.commit.write((db) => advance(db, change, fence))
  }

  async latest(run: string): Promise<{ round: Round; work: string | undefined } | undefined> {
    const row = await this.#context.db
      .selectFrom('rounds')
      .selectAll()
      .where('run', '=', run)
      .orderBy('round', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && { round: toRound(row), work: given(row.work) }
  }

  async situation({ run, presentSinceMs, stalenessLimit }: PresenceRule): Promise<Situation | undefined> {
    const { db } = this.#context
    const stored = await db
      .selectFrom('runs')
      .select(['state', 'committed', 'version'])
      .where('name', '=', run)
      .executeTakeFirst()
    if (stored === undefined) return undefined
    const round = (await this.latest(run))?.round
    const taking = round !== undefined && isTaking(round.state)
    return {
      paused: stored.state === 'paused',
      committed: Number(stored.committed),
      round,
      present: round?.state === 'OPEN' ? await this.#present(run, presentSinceMs) : [],
      asked:
        round?.state === 'COLLECTING'
          ? await this.#asked(run, round.number)
          : { clients: 0, delivered: 0, trustedMissing: 0 },
      waiting: taking ? await waitingUpdates(db, run, Number(stored.version), stalenessLimit) : 0,
      secure: round?.state === 'COLLECTING' ? await secureSituation(db, run, round.number) : undefined,
    }
  }

  async asked(run: string, round: number, clientId: string): Promise<{ asked: boolean; delivered: boolean }> {
    const { db } = this.#context
    const find = (table: 'selections' | 'updates') =>
      db
        .selectFrom(table)
        .select('client_id')
        .where('run', '=', run)
        .where('round', '=', round)
        .where('client_id', '=', clientId)
        .executeTakeFirst()
    const [selected, update] = [await find('selections'), await find('updates')]
    return { asked: selected !== undefined, delivered: update !== undefined }
  }

  async get(run: string, round: number): Promise<RoundMessage | undefined> {
    const row = await this.#context.db
      .selectFrom('rounds')
      .selectAll()
      .where('run', '=', run)
      .where('round', '=', round)
      .executeTakeFirst()
    return row && this.#message(row)
  }

  async page(
    run: string,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<RoundMessage>> {
    let query = this.#context.db.selectFrom('rounds').selectAll().where('run', '=', run)
    if (cursor !== undefined) query = query.where('round', '<', numberOf(cursor))
    const rows = await query
      .orderBy('round', 'desc')
      .limit(limit + 1)
      .execute()
    const page = pageOf(
      rows,
      limit,
      ({ round }) => String(round),
      (row) => row,
    )
    return { ...page, items: await Promise.all(page.items.map((row) => this.#message(row))) }
  }

  async #present(run: string, sinceMs: number): Promise<Situation['present']> {
    const rows = await this.#context.db
      .selectFrom('holdings')
      .innerJoin('clients', 'clients.id', 'holdings.client_id')
      .select(['client_id', 'since_ms', 'trusted'])
      .where('run', '=', run)
      .where('seen_ms', '>=', sinceMs)
      .where('state', '=', 'enrolled')
      .orderBy('client_id')
      .execute()
    return rows.map(({ client_id: id, since_ms, trusted }) => ({
      id,
      sinceMs: Number(since_ms),
      trusted: trusted === 1,
    }))
  }

  async #asked(run: string, round: number): Promise<Situation['asked']> {
    const row = await this.#context.db
      .selectFrom('selections')
      .innerJoin('clients', 'clients.id', 'selections.client_id')
      .leftJoin('updates', (join) =>
        join
          .onRef('updates.run', '=', 'selections.run')
          .onRef('updates.round', '=', 'selections.round')
          .onRef('updates.client_id', '=', 'selections.client_id'),
      )
      .select([
        sql<number>`coalesce(sum(1 - trusted), 0)`.as('clients'),
        sql<number>`coalesce(sum(case when trusted = 0 and updates.id is not null then 1 else 0 end), 0)`.as(
          'delivered',
        ),
        sql<number>`coalesce(sum(case when trusted = 1 and updates.id is null then 1 else 0 end), 0)`.as(
          'missing',
        ),
      ])
      .where('selections.run', '=', run)
      .where('selections.round', '=', round)
      .where('clients.state', '=', 'enrolled')
      .executeTakeFirstOrThrow()
    const { clients, delivered, missing } = row
    return { clients: Number(clients), delivered: Number(delivered), trustedMissing: Number(missing) }
  }

  async #message(row: Row): Promise<RoundMessage> {
    const { db } = this.#context
    const { selected } = await db
      .selectFrom('selections')
      .select(sql<number>`count(*)`.as('selected'))
      .where('run', '=', row.run)
      .where('round', '=', row.round)
      .executeTakeFirstOrThrow()
    const round = toRound(row)
    // By secure aggregation it is fixed who is in the sum while the round still collects.
    const coming = isTaking(round.state) && Number(row.received) === 0
    const live = coming ? await this.#coming(row.run) : row
    return {
      run: row.run,
      round: round.number,
      state: round.state,
      base: round.base,
      version: round.version ?? null,
      opened_at: instant(row.opened_ms),
      deadline: instantOrNull(row.deadline_ms),
      closed_at: instantOrNull(row.closed_ms),
      selected: Number(selected),
      received: Number(live.received),
      used: Number(row.used),
      late: Number(live.late),
      left_out: LeftOut.parse(JSON.parse(row.left_out)),
      reason: row.reason,
      loss: row.loss,
      bytes: { up: Number(row.up), down: Number(row.down) },
    }
  }

  async #coming(run: string): Promise<{ received: number; late: number }> {
    const row = await this.#context.db
      .selectFrom('updates')
      .select([sql<number>`count(*)`.as('received'), sql<number>`coalesce(sum(late), 0)`.as('late')])
      .where('run', '=', run)
      .where('counts_in', 'is', null)
      .where('state', 'in', ['pending', 'released'])
      .executeTakeFirstOrThrow()
    return { received: Number(row.received), late: Number(row.late) }
  }
}

export function toRound(row: Row): Round {
  const time = (ms: number | null) => (ms === null ? undefined : Number(ms))
  return {
    number: Number(row.round),
    state: RoundState.parse(row.state),
    base: Number(row.base),
    openedMs: Number(row.opened_ms),
    deadlineMs: time(row.deadline_ms),
    closedMs: time(row.closed_ms),
    version: time(row.version),
    reason: given(row.reason),
  }
}
