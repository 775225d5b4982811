import type { GroupCommit } from '@adf/service'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { HomeStore, HomeWish } from '../shard.ts'
import { guard } from './shards.ts'

export class SqlHomes implements HomeStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>) {
    this.#db = db
    this.#commit = commit
  }

  async settle(wish: HomeWish): Promise<boolean> {
    const { stream, entityId: entity_id, fence, nowMs: since_ms } = wish
    const known = await homeOf(this.#db, wish)
    // What was so before needs no turn; who has the shard no more is told when it writes.
    if (known !== undefined && (known.shard === fence.shard || !silent(known, wish)))
      return known.shard === fence.shard
    return this.#commit.write(async (db) => {
      await guard(db, fence)
      const home = await homeOf(db, wish)
      const { shard } = fence
      if (home === undefined)
        await db.insertInto('homes').values({ stream, entity_id, shard, since_ms }).execute()
      if (home === undefined || home.shard === shard) return true
      if (!silent(home, wish)) return false
      await db
        .updateTable('homes')
        .set({ shard, since_ms })
        .where('stream', '=', stream)
        .where('entity_id', '=', entity_id)
        .execute()
      return true
    })
  }
}

interface Home {
  readonly shard: string
  readonly since_ms: number
  /** When the entity was saved last; null: it never was. */
  readonly saved_ms: number | null
}

const homeOf = (
  db: Kysely<Tables>,
  { stream, entityId }: Pick<HomeWish, 'stream' | 'entityId'>,
): Promise<Home | undefined> =>
  db
    .selectFrom('homes')
    .leftJoin('detector_state', (join) =>
      join
        .onRef('detector_state.stream', '=', 'homes.stream')
        .onRef('detector_state.entity_id', '=', 'homes.entity_id'),
    )
    .select(['homes.shard', 'homes.since_ms', 'detector_state.saved_ms'])
    .where('homes.stream', '=', stream)
    .where('homes.entity_id', '=', entityId)
    .executeTakeFirst()

const silent = ({ since_ms, saved_ms }: Home, { silentSinceMs }: HomeWish): boolean =>
  Math.max(Number(since_ms), Number(saved_ms ?? 0)) < silentSinceMs

/** Shards of entities of one stream, by entity. */
export async function homesOf(
  db: Transaction<Tables>,
  stream: string,
  entityIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('homes')
    .select(['entity_id', 'shard'])
    .where('stream', '=', stream)
    .where('entity_id', 'in', [...entityIds])
    .execute()
  return new Map(rows.map(({ entity_id, shard }) => [entity_id, shard]))
}
