import type { Feedback } from '@adf/contract/feedback'
import { sql } from 'kysely'
import type {
  FeedbackFilter,
  FeedbackStore,
  FollowedVerdict,
  GiveResult,
  JudgedEpisode,
  LinkUse,
  NewWord,
  Target,
  Undelivered,
} from '../feedback-store.ts'
import type { AuditLine, Page } from '../store.ts'
import { authorRecord, reweigh } from './authors.ts'
import { type Context, cursorAt, given, note, pageOf, placeOf, type Tx } from './context.ts'
import { episodesOf, followOne } from './followed.ts'
import { storeWord, targetOf, toFeedback, withdrawWord } from './words.ts'

/** Entries of a processor's log in one write, besides the cursor. */
const PIECE = 200

export class SqlFeedback implements FeedbackStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  give(word: NewWord, link: LinkUse | undefined, audit: readonly AuditLine[]): Promise<GiveResult> {
    return this.#context.commit.write(async (db) => {
      if (link !== undefined) {
        const usedMs = await linkUsedMs(db, link.nonce)
        if (usedMs !== undefined) return { kind: 'used', atMs: usedMs }
        await db
          .insertInto('used_links')
          .values({ nonce: link.nonce, used_ms: word.givenMs, expires_ms: link.expiresMs })
          .execute()
      }
      const { row, replaced, same } = await storeWord(db, word, false)
      if (same) return { kind: 'same', feedback: toFeedback(row) }
      await note(db, audit)
      const feedback = toFeedback(row)
      return { kind: 'given', feedback, previous: replaced && toFeedback(replaced).verdict }
    })
  }

  withdraw(id: string, nowMs: number, audit: readonly AuditLine[]): Promise<Feedback | undefined> {
    return this.#context.commit.write(async (db) => {
      const row = await db.selectFrom('words').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) return undefined
      if (row.withdrawn_ms !== null) return toFeedback(row)
      await note(db, audit)
      return toFeedback(await withdrawWord(db, row, nowMs))
    })
  }

  async get(id: string): Promise<Feedback | undefined> {
    const row = await this.#context.db.selectFrom('words').selectAll().where('id', '=', id).executeTakeFirst()
    return row && toFeedback(row)
  }

  async page({
    alert,
    incident,
    author,
    fromMs,
    toMs,
    limit,
    cursor,
  }: FeedbackFilter): Promise<Page<Feedback>> {
    let query = this.#context.db.selectFrom('words').selectAll()
    if (alert !== undefined)
      query = query.where((where) =>
        where.or([
          where('alert_id', '=', alert),
          where('incident_id', '=', (of) =>
            of.selectFrom('alerts').select('incident_id').where('id', '=', alert),
          ),
        ]),
      )
    if (incident !== undefined) query = query.where('incident_id', '=', incident)
    if (author !== undefined) query = query.where('author', '=', author)
    if (fromMs !== undefined) query = query.where('given_ms', '>=', fromMs)
    if (toMs !== undefined) query = query.where('given_ms', '<', toMs)
    if (cursor !== undefined) {
      const { ms, id } = placeOf(cursor)
      query = query.where((where) =>
        where.or([where('given_ms', '<', ms), where.and([where('given_ms', '=', ms), where('id', '<', id)])]),
      )
    }
    const rows = await query
      .orderBy('given_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, (row) => cursorAt(Number(row.given_ms), row.id), toFeedback)
  }

  async standing(target: Target): Promise<Feedback[]> {
    const rows = await this.#context.db
      .selectFrom('words')
      .selectAll()
      .where('target', '=', targetOf(target))
      .where('standing', '=', 1)
      .orderBy('given_ms', 'desc')
      .execute()
    return rows.map(toFeedback)
  }

  async countBy(author: string | undefined, sinceMs: number): Promise<number> {
    const row = await this.#context.db
      .selectFrom('words')
      .select(sql<number>`count(*)`.as('count'))
      .where('author', '=', author ?? '')
      .where('given_ms', '>=', sinceMs)
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  contradictions(author: string | undefined, sinceMs: number): Promise<{ words: number; against: number }> {
    return authorRecord(this.#context.db, author ?? '', sinceMs)
  }

  reweigh(
    author: string | undefined,
    sinceMs: number,
    weight: number,
    audit: readonly AuditLine[],
  ): Promise<number> {
    return this.#context.commit.write(async (db) => {
      const changed = await reweigh(db, author ?? '', sinceMs, weight)
      if (changed > 0) await note(db, audit)
      return changed
    })
  }

  async undelivered(nowMs: number, limit: number): Promise<Undelivered[]> {
    const rows = await this.#context.db
      .selectFrom('words')
      .selectAll()
      .where('delivery', '=', 'pending')
      .where('deliver_ms', '<=', nowMs)
      .orderBy('given_ms')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      feedback: toFeedback(row),
      processor: given(row.processor),
      processorVerdictId: given(row.processor_verdict_id),
      attempts: Number(row.attempts),
    }))
  }

  async undeliveredCount(): Promise<number> {
    const row = await this.#context.db
      .selectFrom('words')
      .select(sql<number>`count(*)`.as('count'))
      .where('delivery', '=', 'pending')
      .executeTakeFirstOrThrow()
    return Number(row.count)
  }

  async delivered(id: string, processor: string, processorVerdictId: string): Promise<void> {
    await this.#context.commit.write((db) =>
      db
        .updateTable('words')
        .set({
          processor,
          processor_verdict_id: processorVerdictId,
          attempts: 0,
          // It was withdrawn while it was on its way: now that has to be told.
          delivery: sql`case when withdrawn_ms is not null and processor_verdict_id is null then 'pending' else 'done' end`,
        })
        .where('id', '=', id)
        .execute(),
    )
  }

  async postponed(id: string, untilMs: number): Promise<void> {
    await this.#context.commit.write((db) =>
      db
        .updateTable('words')
        .set({ deliver_ms: untilMs, attempts: sql`attempts + 1` })
        .where('id', '=', id)
        .where('delivery', '=', 'pending')
        .execute(),
    )
  }

  async undeliverable(id: string): Promise<void> {
    await this.#context.commit.write((db) =>
      db
        .updateTable('words')
        .set({ delivery: 'lost' })
        .where('id', '=', id)
        .where('delivery', '=', 'pending')
        .execute(),
    )
  }

  async cursor(processor: string): Promise<number> {
    const row = await this.#context.db
      .selectFrom('verdict_cursors')
      .select('cursor')
      .where('processor', '=', processor)
      .executeTakeFirst()
    return Number(row?.cursor ?? 0)
  }

  async follow(processor: string, cursor: number, entries: readonly FollowedVerdict[]): Promise<void> {
    if (entries.length > PIECE)
      throw new Error(`${entries.length} entries of a log at once, more than ${PIECE}`)
    await this.#context.commit.write(async (db) => {
      for (const entry of entries) await followOne(db, processor, entry)
      await db
        .insertInto('verdict_cursors')
        .values({ processor, cursor })
        .onConflict((conflict) => conflict.column('processor').doUpdateSet({ cursor }))
        .execute()
    })
  }

  episodes(filter: Parameters<FeedbackStore['episodes']>[0]): Promise<JudgedEpisode[]> {
    return episodesOf(this.#context.db, filter)
  }
}

export async function linkUsedMs(db: Pick<Tx, 'selectFrom'>, nonce: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('used_links')
    .select('used_ms')
    .where('nonce', '=', nonce)
    .executeTakeFirst()
  return row && Number(row.used_ms)
}
