import type { DailyPartitions, GroupCommit } from '@adf/service'
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import { BLOCK_MS, checkedLevels, mergeLevels, type ScoreBlock } from '../score-block.ts'
import type { ScoreStore } from '../store.ts'
import type { RowReader } from './rows.ts'

export class SqlScores implements ScoreStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #rows: RowReader
  readonly #partitions: DailyPartitions | undefined

  constructor(
    db: Kysely<Tables>,
    commit: GroupCommit<Tables>,
    rows: RowReader,
    partitions?: DailyPartitions,
  ) {
    this.#db = db
    this.#commit = commit
    this.#rows = rows
    this.#partitions = partitions
  }

  async merge(blocks: readonly ScoreBlock[]): Promise<void> {
    await this.#commit.write(async (db) => {
      for (const { stream, entityId, beginMs, levels } of blocks) {
        const there = await db
          .selectFrom('scores')
          .select('severities')
          .where('stream', '=', stream)
          .where('entity_id', '=', entityId)
          .where('begin_ms', '=', beginMs)
          .executeTakeFirst()
        const severities = Buffer.from(levels)
        const id = rowId(stream, entityId, beginMs)
        const levelsThere = there && this.#rows.read('scores', id, () => checkedLevels(there.severities))
        if (levelsThere !== undefined) mergeLevels(severities, levelsThere)
        await db
          .insertInto('scores')
          .values({ stream, entity_id: entityId, begin_ms: beginMs, severities })
          .onConflict((conflict) =>
            conflict.columns(['stream', 'entity_id', 'begin_ms']).doUpdateSet({ severities }),
          )
          .execute()
      }
    })
  }

  async between(stream: string, entityId: string, fromMs: number, toMs: number): Promise<ScoreBlock[]> {
    const rows = await this.#db
      .selectFrom('scores')
      .select(['begin_ms', 'severities'])
      .where('stream', '=', stream)
      .where('entity_id', '=', entityId)
      .where('begin_ms', '>', fromMs - BLOCK_MS)
      .where('begin_ms', '<', toMs)
      .orderBy('begin_ms')
      .execute()
    return this.#rows.all(
      'scores',
      rows,
      ({ begin_ms }) => rowId(stream, entityId, begin_ms),
      ({ begin_ms, severities }) => ({
        stream,
        entityId,
        beginMs: Number(begin_ms),
        levels: checkedLevels(severities),
      }),
    )
  }

  async has(stream: string, entityId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('scores')
      .select('begin_ms')
      .where('stream', '=', stream)
      .where('entity_id', '=', entityId)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  sweep(olderThanMs: number, chunk: number): Promise<number> {
    const partitions = this.#partitions
    const last = olderThanMs - BLOCK_MS
    return this.#commit.write(async (db) => {
      const days = (await partitions?.expire(db, 'scores', last + 1)) ?? []
      const kept = await partitions?.covered(db, 'scores')
      let rest = db
        .selectFrom('scores')
        .select(['stream', 'entity_id', 'begin_ms'])
        .where('begin_ms', '<=', last)
      if (kept !== undefined)
        rest = rest.where((row) =>
          row.or([row('begin_ms', '<', Number(kept.from)), row('begin_ms', '>=', Number(kept.to))]),
        )
      const old = await rest.limit(chunk).execute()
      for (const { stream, entity_id, begin_ms } of old)
        await db
          .deleteFrom('scores')
          .where('stream', '=', stream)
          .where('entity_id', '=', entity_id)
          .where('begin_ms', '=', begin_ms)
          .execute()
      return days.reduce((sum, { rows }) => sum + rows, old.length)
    })
  }
}

const rowId = (stream: string, entityId: string, beginMs: number) => `${stream}:${entityId}:${beginMs}`
