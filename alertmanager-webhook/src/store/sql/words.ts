import { VerdictValue } from '@adf/contract'
import { type Feedback, FeedbackChannel } from '@adf/contract/feedback'
import type { Insertable, Selectable } from 'kysely'
import type { NewWord, Target } from '../feedback-store.ts'
import type { Tables } from '../schema.ts'
import { instant, instantOrNull, type Tx } from './context.ts'
import { judgeAlerts } from './verdicts.ts'

export type WordRow = Selectable<Tables['words']>

/** What a word is about, as one text. */
export function targetOf({ alertId, anomalyId, incidentId, questionId }: Target): string {
  if (incidentId !== undefined) return `incident:${incidentId}`
  if (anomalyId !== undefined) return `anomaly:${anomalyId}`
  if (questionId !== undefined) return `question:${questionId}`
  if (alertId !== undefined) return `alert:${alertId}`
  throw new Error('a word is about nothing')
}

export function standingWord(db: Tx, target: string, author: string): Promise<WordRow | undefined> {
  return db
    .selectFrom('words')
    .selectAll()
    .where('target', '=', target)
    .where('author', '=', author)
    .where('standing', '=', 1)
    .executeTakeFirst()
}

/** Stores a word in the place of the author's standing one, or as history when a later one stands. */
export async function storeWord(
  db: Tx,
  word: NewWord,
  followed: boolean,
): Promise<{ row: WordRow; replaced: WordRow | undefined; same: boolean }> {
  const target = targetOf(word)
  const author = word.author ?? ''
  const before = await standingWord(db, target, author)
  if (before !== undefined && stands(before, word)) return { row: before, replaced: undefined, same: true }
  const later = before !== undefined && Number(before.given_ms) > word.givenMs
  const row: WordRow = {
    ...about(word),
    id: word.id,
    target,
    author,
    standing: later ? 0 : 1,
    delivery: word.deliver && !later ? 'pending' : 'none',
    followed: followed ? 1 : 0,
  }
  await db
    .insertInto('words')
    .values(row satisfies Insertable<Tables['words']>)
    .execute()
  if (later) return { row, replaced: undefined, same: false }
  if (before !== undefined) await replace(db, before)
  await settle(db, row, word.givenMs)
  return { row, replaced: before, same: false }
}

/** The same again, or an implicit word, which says nothing to an author who has spoken. */
function stands(before: WordRow, word: NewWord): boolean {
  if (word.channel === 'silence' && before.channel !== 'silence') return true
  return (
    before.verdict === word.verdict &&
    before.cause === (word.cause ?? null) &&
    before.note === (word.note ?? null) &&
    (before.channel === 'silence') === (word.channel === 'silence')
  )
}

const about = (word: NewWord) => ({
  alert_id: word.alertId ?? null,
  anomaly_id: word.anomalyId ?? null,
  incident_id: word.incidentId ?? null,
  question_id: word.questionId ?? null,
  verdict: word.verdict,
  cause: word.cause ?? null,
  note: word.note ?? null,
  channel: word.channel,
  weight: word.weight,
  given_ms: word.givenMs,
  withdrawn_ms: null,
  attempts: 0,
  deliver_ms: 0,
  processor: word.processor ?? null,
  processor_verdict_id: word.processorVerdictId ?? null,
})

/** At the processor the next word of the same author replaces it; one that is not there yet need not go. */
async function replace(db: Tx, { id, delivery }: WordRow): Promise<void> {
  await db
    .updateTable('words')
    .set({ standing: 0, ...(delivery === 'pending' && { delivery: 'none' as const }) })
    .where('id', '=', id)
    .execute()
}

/** What follows elsewhere from a word that stands. */
async function settle(db: Tx, row: WordRow, givenMs: number): Promise<void> {
  await db
    .updateTable('judged_episodes')
    .set({ verdict: row.verdict, weight: row.weight })
    .where('target', '=', row.target)
    .where('author', '=', row.author)
    .execute()
  if (row.question_id !== null)
    await db
      .updateTable('questions')
      .set({ verdict: row.verdict, answered_ms: givenMs })
      .where('id', '=', row.question_id)
      .execute()
  await judgeAlerts(db, row.target, row, givenMs)
}

/** Takes back a word that was not; resolves to it as it is then. */
export async function withdrawWord(db: Tx, row: WordRow, nowMs: number): Promise<WordRow> {
  const { id, target, author, question_id } = row
  // A word of a processor, and one that was brought there, is taken back there too.
  const told = row.processor_verdict_id !== null && row.standing === 1
  const delivery = told ? 'pending' : row.delivery === 'pending' ? 'none' : row.delivery
  const after = { standing: 0, withdrawn_ms: nowMs, delivery, deliver_ms: 0, attempts: 0 } as const
  await db.updateTable('words').set(after).where('id', '=', id).execute()
  if (row.standing === 1) {
    await db.deleteFrom('judged_episodes').where('target', '=', target).where('author', '=', author).execute()
    if (question_id !== null) await answerOf(db, question_id)
    await judgeAlerts(db, target, row, undefined)
  }
  return { ...row, ...after }
}

/** The latest of the other authors' answers, or none. */
async function answerOf(db: Tx, questionId: string): Promise<void> {
  const latest = await db
    .selectFrom('words')
    .select(['verdict', 'given_ms'])
    .where('target', '=', `question:${questionId}`)
    .where('standing', '=', 1)
    .orderBy('given_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
  await db
    .updateTable('questions')
    .set({ verdict: latest?.verdict ?? null, answered_ms: latest?.given_ms ?? null })
    .where('id', '=', questionId)
    .execute()
}

export function toFeedback(row: WordRow): Feedback {
  return {
    id: row.id,
    alert_id: row.alert_id,
    anomaly_id: row.anomaly_id,
    incident_id: row.incident_id,
    question_id: row.question_id,
    verdict: VerdictValue.parse(row.verdict),
    cause: row.cause,
    note: row.note,
    author: row.author === '' ? null : row.author,
    channel: FeedbackChannel.parse(row.channel),
    weight: row.weight,
    given_at: instant(row.given_ms),
    withdrawn_at: instantOrNull(row.withdrawn_ms),
    delivered: row.delivery === 'done' || row.delivery === 'none',
  }
}
