import { JudgedEpisode, VerdictEntry, type VerdictLog } from '@adf/contract'
import type { Kysely, Selectable, Transaction } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../schema.ts'
import { latestOf, nextOf } from './counter.ts'
import { episodesOf } from './episodes.ts'
import type { RowReader } from './rows.ts'
import { toVerdict } from './verdict-row.ts'

type Given = Selectable<Tables['verdicts']>

/** Puts a verdict into the log, with what it is about, in the transaction that stores it. */
export async function logVerdict(
  db: Transaction<Tables>,
  rows: RowReader,
  { id, ...given }: Given,
  entry: { readonly previous: string | null; readonly withdrawn: boolean; readonly nowMs: number },
): Promise<void> {
  const episodes = await episodesOf(db, rows, given.target_kind, given.target_id)
  await db
    .insertInto('verdict_log')
    .values({
      ...given,
      cursor: await nextOf(db, 'verdict_log'),
      verdict_id: id,
      previous: entry.previous,
      withdrawn: entry.withdrawn ? 1 : 0,
      episodes: JSON.stringify(episodes),
      logged_ms: entry.nowMs,
    })
    .execute()
}

/** A page of the log, oldest first. */
export async function readVerdictLog(
  db: Kysely<Tables>,
  rows: RowReader,
  after: number,
  limit: number,
): Promise<VerdictLog> {
  const items: VerdictEntry[] = []
  let cursor = after
  // Whoever follows the log reads on from the last entry: a page of rows that cannot be read must not end it.
  for (let full = true; full && items.length === 0; ) {
    const found = await db
      .selectFrom('verdict_log')
      .selectAll()
      .where('cursor', '>', cursor)
      .orderBy('cursor')
      .limit(limit)
      .execute()
    for (const row of found) {
      const episodes =
        row.episodes === null ? await episodesOf(db, rows, row.target_kind, row.target_id) : undefined
      const entry = rows.read('verdict_log', String(row.cursor), () => entryOf(row, episodes))
      if (entry !== undefined) items.push(entry)
      cursor = Number(row.cursor)
    }
    full = found.length === limit
  }
  return { items, latest: await latestOf(db, 'verdict_log') }
}

function entryOf(
  row: Selectable<Tables['verdict_log']>,
  episodes: JudgedEpisode[] | undefined,
): VerdictEntry {
  return VerdictEntry.parse({
    cursor: Number(row.cursor),
    verdict: toVerdict({ ...row, id: row.verdict_id }),
    previous: row.previous,
    withdrawn: Number(row.withdrawn) === 1,
    episodes: episodes ?? z.array(JudgedEpisode).parse(JSON.parse(row.episodes ?? '[]')),
  })
}
