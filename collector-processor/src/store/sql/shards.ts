import type { GroupCommit } from '@adf/service'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import { type Fence, Fenced, type ShardMark, type ShardStore } from '../shard.ts'

/** A shard is taken in a turn alone, so a fence that one has looked at holds until its end. */
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
      const holds = await holding(
        db,
        marks.map(({ fence }) => fence),
      )
      for (const { fence, reachedMs } of marks)
        if (holds(fence))
          await db
            .updateTable('shards')
            .set({ reached_ms: Math.floor(reachedMs), seen_ms: nowMs })
            .where('id', '=', fence.shard)
            .execute()
      return marks.flatMap(({ fence }) => (holds(fence) ? [] : [fence]))
    }, 'beside')
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

/** Whether each of these holds, in the transaction of what is to be written. */
export async function holding(
  db: Transaction<Tables>,
  fences: readonly Fence[],
): Promise<(fence: Fence) => boolean> {
  const shards = [...new Set(fences.map(({ shard }) => shard))]
  if (shards.length === 0) return () => false
  const rows = await db.selectFrom('shards').select(['id', 'epoch']).where('id', 'in', shards).execute()
  const epochs = new Map(rows.map(({ id, epoch }) => [id, Number(epoch)]))
  return ({ shard, epoch }) => epochs.get(shard) === epoch
}
