import type { GroupCommit } from '@adf/service'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import { type Fence, Fenced, type ShardMark, type ShardStore } from '../shard.ts'

/** Transactions run one after the other, so what one has looked at holds until its end. */
export class SqlShards implements ShardStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>) {
    this.#db = db
    this.#commit = commit
  }

  take(id: string, name: string, member: string, nowMs: number): Promise<Fence> {
    return this.#commit.write(async (db) => {
      const { epoch } = await db
        .insertInto('shards')
        .values({ id, name, member, epoch: 1, reached_ms: 0, seen_ms: nowMs })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet({
            name,
            member,
            epoch: sql<number>`shards.epoch + 1`,
            seen_ms: nowMs,
          }),
        )
        .returning('epoch')
        .executeTakeFirstOrThrow()
      return { shard: id, epoch: Number(epoch) }
    })
  }

  async holds(fence: Fence): Promise<boolean> {
    return (await epochOf(this.#db, fence.shard)) === fence.epoch
  }

  reach(marks: readonly ShardMark[], nowMs: number): Promise<readonly Fence[]> {
    return this.#commit.write(async (db) => {
      const held = await heldOf(
        db,
        marks.map(({ fence }) => fence),
      )
      for (const { fence, reachedMs } of marks)
        if (held.has(fence.shard))
          await db
            .updateTable('shards')
            .set({ reached_ms: Math.floor(reachedMs), seen_ms: nowMs })
            .where('id', '=', fence.shard)
            .execute()
      return marks.flatMap(({ fence }) => (held.has(fence.shard) ? [] : [fence]))
    })
  }

  async reachedMs(heardSinceMs: number): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('shards')
      .select(({ fn }) => fn.min<number | null>('reached_ms').as('reached'))
      .where('seen_ms', '>=', heardSinceMs)
      .executeTakeFirst()
    return row?.reached == null ? undefined : Number(row.reached)
  }
}

async function epochOf(db: Kysely<Tables>, shard: string): Promise<number | undefined> {
  const row = await db.selectFrom('shards').select('epoch').where('id', '=', shard).executeTakeFirst()
  return row && Number(row.epoch)
}

/** To be called in the transaction of what is to be written. @throws Fenced */
export async function guard(db: Transaction<Tables>, { shard, epoch }: Fence): Promise<void> {
  if ((await epochOf(db, shard)) !== epoch) throw new Fenced(shard)
}

/** Those of the shards whose fence holds. */
export async function heldOf(
  db: Transaction<Tables>,
  fences: readonly Fence[],
): Promise<ReadonlySet<string>> {
  const wanted = new Map(fences.map(({ shard, epoch }) => [shard, epoch]))
  if (wanted.size === 0) return new Set()
  const rows = await db
    .selectFrom('shards')
    .select(['id', 'epoch'])
    .where('id', 'in', [...wanted.keys()])
    .execute()
  return new Set(rows.filter(({ id, epoch }) => wanted.get(id) === Number(epoch)).map(({ id }) => id))
}
