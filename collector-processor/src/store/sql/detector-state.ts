import { type GroupCommit, portions } from '@adf/service'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { DetectorState, DetectorStateStore } from '../store.ts'
import { homesOf } from './homes.ts'
import { holding } from './shards.ts'

export class SqlDetectorState implements DetectorStateStore {
  readonly #db: Kysely<Tables>
  readonly #commit: GroupCommit<Tables>
  readonly #clock: () => number

  constructor(db: Kysely<Tables>, commit: GroupCommit<Tables>, clock: () => number) {
    this.#db = db
    this.#commit = commit
    this.#clock = clock
  }

  async load(stream: string, entityId: string): Promise<Uint8Array | undefined> {
    const row = await this.#db
      .selectFrom('detector_state')
      .select('bytes')
      .where('stream', '=', stream)
      .where('entity_id', '=', entityId)
      .executeTakeFirst()
    return row?.bytes
  }

  saveMany(states: readonly DetectorState[]): Promise<readonly DetectorState[]> {
    const saved_ms = this.#clock()
    return this.#commit.write(async (db) => {
      const refused = await refusedOf(db, states)
      const values = states.flatMap((row) => (refused.includes(row) ? [] : rowOf(row, saved_ms)))
      for (const some of portions(values))
        await db
          .insertInto('detector_state')
          .values(some)
          .onConflict((conflict) =>
            conflict
              .columns(['stream', 'entity_id'])
              .doUpdateSet({ bytes: (row) => row.ref('excluded.bytes'), saved_ms }),
          )
          .execute()
      return refused
      // An entity has one home, and its shard one owner.
    }, 'beside')
  }
}

/** Those whose shard another process has, or whose entity is at home elsewhere. */
async function refusedOf(
  db: Transaction<Tables>,
  states: readonly DetectorState[],
): Promise<readonly DetectorState[]> {
  const fenced = states.flatMap(({ fence }) => fence ?? [])
  if (fenced.length === 0) return []
  const holds = await holding(db, fenced)
  const refused: DetectorState[] = []
  for (const [stream, rows] of Map.groupBy(states, (row) => row.stream)) {
    const homes = await homesOf(
      db,
      stream,
      rows.map(({ entityId }) => entityId),
    )
    for (const row of rows)
      if (row.fence && !(holds(row.fence) && homes.get(row.entityId) === row.fence.shard)) refused.push(row)
  }
  return refused
}

const rowOf = ({ stream, entityId: entity_id, state }: DetectorState, saved_ms: number) => ({
  ...{ stream, entity_id, saved_ms },
  // The driver takes Buffers only; this one shares the memory.
  bytes: Buffer.from(state.buffer, state.byteOffset, state.byteLength),
})
