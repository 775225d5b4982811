import type { GroupCommit } from '@adf/service'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { GraphStore, StoredGraph } from '../store.ts'

/** Rows that give way in one transaction. */
const CHUNK = 100

export class SqlGraphs implements GraphStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>) {
    this.#db = db
    this.#commit = commit
  }

  async save({ atMs, body }: StoredGraph, maxBytes: number): Promise<void> {
    // the driver takes Buffers only; this one shares the memory
    const row = { size: body.byteLength, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }
    await this.#commit.write(async (db) => {
      await db
        .insertInto('graphs')
        .values({ at_ms: atMs, ...row })
        .onConflict((conflict) => conflict.column('at_ms').doUpdateSet(row))
        .execute()
      await makeRoom(db, maxBytes)
    })
  }

  async at(ms: number): Promise<StoredGraph | undefined> {
    const row = await this.#db
      .selectFrom('graphs')
      .select(['at_ms', 'body'])
      .where('at_ms', '<=', ms)
      .orderBy('at_ms', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row === undefined ? undefined : { atMs: Number(row.at_ms), body: row.body }
  }
}

/** Lets the oldest go while all together are too large, but never the latest. */
async function makeRoom(db: Transaction<Tables>, maxBytes: number): Promise<void> {
  const { total } = await db
    .selectFrom('graphs')
    .select(({ fn }) => fn.sum<number>('size').as('total'))
    .executeTakeFirstOrThrow()
  let over = Number(total) - maxBytes
  if (over <= 0) return
  const rows = await db
    .selectFrom('graphs')
    .select(['at_ms', 'size'])
    .orderBy('at_ms')
    .limit(CHUNK + 1)
    .execute()
  let last: number | undefined
  for (const row of rows.slice(0, -1)) {
    if (over <= 0) break
    over -= Number(row.size)
    last = row.at_ms
  }
  if (last !== undefined) await db.deleteFrom('graphs').where('at_ms', '<=', last).execute()
}
