import type { GroupCommit } from '@adf/service'
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
      for (const [key, value] of rows) {
        if (value === null) {
          await db.deleteFrom('shard_state').where('shard', '=', shard).where('key', '=', key).execute()
          continue
        }
        // The driver takes Buffers only; this one shares the memory.
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        await db
          .insertInto('shard_state')
          .values({ shard, key, bytes })
          .onConflict((conflict) => conflict.columns(['shard', 'key']).doUpdateSet({ bytes }))
          .execute()
      }
    })
  }
}
