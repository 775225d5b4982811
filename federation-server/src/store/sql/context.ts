import type { GroupCommit } from '@adf/service'
import type { Kysely, Transaction } from 'kysely'
import { type AuditLine, chained } from '../../audit/chain.ts'
import type { Tables } from '../schema.ts'

/** What the stores of all tables work with. */
export interface Context {
  readonly db: Kysely<Tables>
  readonly commit: GroupCommit<Tables>
}

export type Tx = Transaction<Tables>

/** Adds lines to the audit log, within the transaction of what they tell of. */
export async function note(db: Tx, lines: readonly AuditLine[]): Promise<void> {
  if (lines.length === 0) return
  let last = await db
    .selectFrom('audit')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  for (const line of lines) {
    const entry = chained(line, last && { ...last, sequence: Number(last.sequence) })
    const { at: _, detail, ...same } = entry
    await db
      .insertInto('audit')
      .values({ ...same, at_ms: line.atMs, detail: JSON.stringify(detail) })
      .execute()
    last = entry
  }
}

export const instant = (ms: number | bigint): string => new Date(Number(ms)).toISOString()
export const instantOrNull = (ms: number | null): string | null => (ms === null ? null : instant(ms))
export const given = <T>(value: T | null): T | undefined => value ?? undefined

/** One page of rows that were asked for with one more than the limit. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  make: (row: Row) => T,
): { items: T[]; next_cursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(make),
    next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  }
}

/** A cursor that is a number; a page behind any other cursor is empty. */
export const numberOf = (cursor: string): number => (/^\d{1,15}$/.test(cursor) ? Number(cursor) : 0)
