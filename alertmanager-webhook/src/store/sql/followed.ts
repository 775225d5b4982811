import { VerdictValue } from '@adf/contract'
import type { Kysely } from 'kysely'
import type { FeedbackStore, FollowedVerdict, JudgedEpisode, NewWord } from '../feedback-store.ts'
import type { Tables } from '../schema.ts'
import type { Tx } from './context.ts'
import { standingWord, storeWord, targetOf, type WordRow, withdrawWord } from './words.ts'

/** Stores one entry of a processor's log; see FeedbackStore.follow. */
export async function followOne(
  db: Tx,
  processor: string,
  { word, withdrawn, episodes }: FollowedVerdict,
): Promise<void> {
  const target = targetOf(word)
  const author = word.author ?? ''
  if (withdrawn) {
    const stored = await standingWord(db, target, author)
    // One that the log has not told of was said after this one was taken back.
    if (stored?.followed !== 1) return
    await withdrawWord(db, stored, word.givenMs)
    // The processor is where it was taken back.
    await db.updateTable('words').set({ delivery: 'done' }).where('id', '=', stored.id).execute()
    return
  }
  const echo = await broughtThere(db, target, author, word)
  if (echo === undefined) await storeWord(db, { ...word, processor }, true)
  else await heardBack(db, echo, processor, word)
  const standing = await standingWord(db, target, author)
  if (standing === undefined) return
  for (const episode of episodes) {
    const { stream, entityId: entity_id } = episode
    const row = {
      processor,
      verdict: standing.verdict,
      weight: standing.weight,
      at_ms: word.givenMs,
      from_ms: episode.fromMs,
      to_ms: episode.toMs,
      severity: episode.severity,
      threshold: episode.threshold,
    }
    await db
      .insertInto('judged_episodes')
      .values({ target, author, stream, entity_id, ...row })
      .onConflict((conflict) =>
        conflict.columns(['target', 'author', 'stream', 'entity_id']).doUpdateSet(row),
      )
      .execute()
  }
}

/** The word that was said here, brought there, and comes back by the log, be it before the answer to its delivery. */
function broughtThere(db: Tx, target: string, author: string, word: NewWord): Promise<WordRow | undefined> {
  return db
    .selectFrom('words')
    .selectAll()
    .where('target', '=', target)
    .where('author', '=', author)
    .where('verdict', '=', word.verdict)
    .where('channel', '<>', 'processor')
    .where('followed', '=', 0)
    .orderBy('given_ms')
    .limit(1)
    .executeTakeFirst()
}

async function heardBack(db: Tx, { id, delivery }: WordRow, processor: string, word: NewWord): Promise<void> {
  await db
    .updateTable('words')
    .set({
      followed: 1,
      processor,
      processor_verdict_id: word.processorVerdictId ?? null,
      ...(delivery === 'pending' && { delivery: 'done' as const }),
    })
    .where('id', '=', id)
    .execute()
}

/** See FeedbackStore.episodes. */
export async function episodesOf(
  db: Kysely<Tables>,
  { stream, entityId, sinceMs, limit }: Parameters<FeedbackStore['episodes']>[0],
): Promise<JudgedEpisode[]> {
  let query = db.selectFrom('judged_episodes').selectAll().where('at_ms', '>=', sinceMs)
  if (stream !== undefined) query = query.where('stream', '=', stream)
  if (entityId !== undefined) query = query.where('entity_id', '=', entityId)
  const rows = await query.orderBy('at_ms').orderBy('target').limit(limit).execute()
  return rows.map((row) => ({
    stream: row.stream,
    entityId: row.entity_id,
    fromMs: Number(row.from_ms),
    toMs: Number(row.to_ms),
    severity: row.severity,
    threshold: row.threshold,
    processor: row.processor,
    verdict: VerdictValue.parse(row.verdict),
    weight: row.weight,
    author: row.author === '' ? undefined : row.author,
    atMs: Number(row.at_ms),
  }))
}
