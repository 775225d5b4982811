import { VerdictValue } from '@adf/contract'
import type { Question } from '@adf/contract/feedback'
import { type Selectable, sql } from 'kysely'
import type { AnsweredQuestion, QuestionStore } from '../feedback-store.ts'
import type { Tables } from '../schema.ts'
import { type Context, instant } from './context.ts'

export class SqlQuestions implements QuestionStore {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  ask(question: Question, expiresMs: number, mostOpen: number): Promise<boolean> {
    const { id, stream, entity_id, from, to, severity, probability, text, asked_at } = question
    const asked_ms = Date.parse(asked_at)
    return this.#context.commit.write(async (db) => {
      const { open } = await db
        .selectFrom('questions')
        .select(sql<number>`count(*)`.as('open'))
        .where('answered_ms', 'is', null)
        .where('expires_ms', '>', asked_ms)
        .executeTakeFirstOrThrow()
      if (Number(open) >= mostOpen) return false
      const { numInsertedOrUpdatedRows: inserted } = await db
        .insertInto('questions')
        .values({
          id,
          stream,
          entity_id,
          from_ms: Date.parse(from),
          to_ms: Date.parse(to),
          severity,
          probability,
          text,
          asked_ms,
          expires_ms: expiresMs,
          verdict: null,
          answered_ms: null,
        })
        .onConflict((conflict) => conflict.columns(['stream', 'entity_id', 'from_ms']).doNothing())
        .executeTakeFirstOrThrow()
      return inserted !== 0n
    })
  }

  async get(id: string): Promise<Question | undefined> {
    const row = await this.#context.db
      .selectFrom('questions')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && toQuestion(row)
  }

  async open(nowMs: number): Promise<Question[]> {
    const rows = await this.#context.db
      .selectFrom('questions')
      .selectAll()
      .where('answered_ms', 'is', null)
      .where('expires_ms', '>', nowMs)
      .orderBy('asked_ms', 'desc')
      .orderBy('id', 'desc')
      .execute()
    return rows.map(toQuestion)
  }

  async answered(fromMs: number, toMs: number, limit: number): Promise<AnsweredQuestion[]> {
    const rows = await this.#context.db
      .selectFrom('questions')
      .selectAll()
      .where('from_ms', '>=', fromMs)
      .where('from_ms', '<', toMs)
      .where('answered_ms', 'is not', null)
      .orderBy('from_ms')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      question: toQuestion(row),
      verdict: VerdictValue.parse(row.verdict),
      answeredMs: Number(row.answered_ms),
    }))
  }
}

const toQuestion = (row: Selectable<Tables['questions']>): Question => ({
  id: row.id,
  stream: row.stream,
  entity_id: row.entity_id,
  from: instant(row.from_ms),
  to: instant(row.to_ms),
  severity: row.severity,
  probability: row.probability,
  text: row.text,
  asked_at: instant(row.asked_ms),
})
