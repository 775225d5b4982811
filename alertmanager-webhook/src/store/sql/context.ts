import type { GroupCommit } from '@adf/service'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { AuditLine } from '../store.ts'

/** What the stores of all tables work with. */
export interface Context {
  readonly db: Kysely<Tables>
  readonly commit: GroupCommit<Tables>
}

export type Tx = Transaction<Tables>

/** Values of one `in (…)`: engines take a bounded number of parameters. */
const PIECE = 500

export function* pieces<T>(items: readonly T[], size = PIECE): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}

/** Adds lines to the audit log, within the transaction of what they tell of. */
export async function note(db: Tx, lines: readonly AuditLine[]): Promise<void> {
  if (lines.length === 0) return
  const last = await db
    .selectFrom('audit')
    .select('sequence')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  const before = Number(last?.sequence ?? 0)
  const rows = lines.map(({ atMs, actor, action, subject, detail }, i) => ({
    sequence: before + i + 1,
    at_ms: atMs,
    actor,
    action,
    subject,
    detail: JSON.stringify(detail),
  }))
  for (const piece of pieces(rows)) await db.insertInto('audit').values(piece).execute()
}

export const instant = (ms: number | bigint): string => new Date(Number(ms)).toISOString()
export const instantOrNull = (ms: number | null): string | null => (ms === null ? null : instant(ms))
export const given = <T>(value: T | null): T | undefined => value ?? undefined
/** Engines give 64-bit integers as they like. */
export const numberOrUndefined = (value: number | null): number | undefined =>
  value === null ? undefined : Number(value)

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

/** A place in a list that is sorted by time, then id. */
export const cursorAt = (ms: number, id: string): string => `${ms}.${id}`

/** Any text that is no such place is before everything: the page behind it is empty. */
export function placeOf(cursor: string): { ms: number; id: string } {
  const found = /^(-?\d{1,16})\.(.{1,64})$/.exec(cursor)
  return { ms: Number(found?.[1] ?? Number.MIN_SAFE_INTEGER), id: found?.[2] ?? '' }
}
