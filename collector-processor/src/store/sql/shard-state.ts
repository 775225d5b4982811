import { type GroupCommit, portions } from '@adf/service'
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Fence, ShardStateStore } from '../shard.ts'
import { guard } from './shards.ts'

export class SqlShardState implements ShardStateStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>) {
    this.#db = db
    this.#commit = commit
  }

  async load({ shard }: Fence): Promise<ReadonlyMap<string, Uint8Array>> {
    const rows = await this.#db
      .selectFrom('shard_state')
      .select(['key', 'bytes'])
      .where('shard', '=', shard)
      .orderBy('key')
      .execute()
    return new Map(rows.map(({ key, bytes }) => [key, bytes]))
  }

  save(fence: Fence, rows: ReadonlyMap<string, Uint8Array | null>): Promise<void> {
    const { shard } = fence
    return this.#commit.write(async (db) => {
      await guard(db, fence)
      const gone = [...rows].flatMap(([key, value]) => (value === null ? [key] : []))
      if (gone.length > 0)
        await db.deleteFrom('shard_state').where('shard', '=', shard).where('key', 'in', gone).execute()
      const kept = [...rows].flatMap(([key, value]) =>
        // The driver takes Buffers only; these share the memory.
        value === null
          ? []
          : [{ shard, key, bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength) }],
      )
      for (const some of portions(kept))
        await db
          .insertInto('shard_state')
          .values(some)
          .onConflict((conflict) =>
            conflict.columns(['shard', 'key']).doUpdateSet({ bytes: (row) => row.ref('excluded.bytes') }),
          )
          .execute()
      // A shard has one owner.
    }, 'beside')
  }
}
