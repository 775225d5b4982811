import { VerdictValue } from '@adf/contract'
import type { Kysely } from 'kysely'
import { standingVerdict } from '../../alerts/standing-verdict.ts'
import type { Tables } from '../schema.ts'
import { pieces, type Tx } from './context.ts'
import { judgeAlerts } from './verdicts.ts'

/** Of an author's words the latest so many are compared. */
const COMPARED = 1000

/** How many standing words an author has, and how many of them stand against the others' on the same target. */
export async function authorRecord(
  db: Kysely<Tables>,
  author: string,
  sinceMs: number,
): Promise<{ words: number; against: number }> {
  const own = await db
    .selectFrom('words')
    .select(['target', 'verdict'])
    .where('author', '=', author)
    .where('standing', '=', 1)
    .where('given_ms', '>=', sinceMs)
    .orderBy('given_ms', 'desc')
    .limit(COMPARED)
    .execute()
  let against = 0
  for (const piece of pieces(own)) {
    const others = await db
      .selectFrom('words')
      .select(['target', 'verdict', 'weight', 'given_ms'])
      .where(
        'target',
        'in',
        piece.map(({ target }) => target),
      )
      .where('author', '<>', author)
      .where('standing', '=', 1)
      .execute()
    const byTarget = Map.groupBy(others, ({ target }) => target)
    for (const { target, verdict } of piece) {
      const words = (byTarget.get(target) ?? []).map((word) => ({
        verdict: VerdictValue.parse(word.verdict),
        weight: word.weight,
        givenMs: Number(word.given_ms),
      }))
      const theirs = standingVerdict(words)
      if (theirs !== undefined && theirs !== verdict) against++
    }
  }
  return { words: own.length, against }
}

/** Sets the weight of an author's standing words, and what follows from it for alerts and episodes. Implicit words weigh less already. */
export async function reweigh(db: Tx, author: string, sinceMs: number, weight: number): Promise<number> {
  const rows = await db
    .selectFrom('words')
    .select(['id', 'target', 'alert_id', 'incident_id'])
    .where('author', '=', author)
    .where('standing', '=', 1)
    .where('given_ms', '>=', sinceMs)
    .where('channel', '<>', 'silence')
    .where('weight', '<>', weight)
    .execute()
  for (const { id, target, alert_id, incident_id } of rows) {
    await db.updateTable('words').set({ weight }).where('id', '=', id).execute()
    await db
      .updateTable('judged_episodes')
      .set({ weight })
      .where('target', '=', target)
      .where('author', '=', author)
      .execute()
    await judgeAlerts(db, target, { alert_id, incident_id }, undefined)
  }
  return rows.length
}
