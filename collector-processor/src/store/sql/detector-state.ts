import type { GroupCommit } from '@adf/service'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import type { DetectorState, DetectorStateStore } from '../store.ts'
import { homesOf } from './homes.ts'
import { heldOf } from './shards.ts'

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
      for (const row of states) {
        if (refused.includes(row)) continue
        const { stream, entityId, state } = row
        // The driver takes Buffers only; this one shares the memory.
        const bytes = Buffer.from(state.buffer, state.byteOffset, state.byteLength)
        await db
          .insertInto('detector_state')
          .values({ stream, entity_id: entityId, bytes, saved_ms })
          .onConflict((conflict) =>
            conflict.columns(['stream', 'entity_id']).doUpdateSet({ bytes, saved_ms }),
          )
          .execute()
      }
      return refused
    })
  }
}

/** Those whose shard another process has, or whose entity is at home elsewhere. */
async function refusedOf(
  db: Transaction<Tables>,
  states: readonly DetectorState[],
): Promise<readonly DetectorState[]> {
  const fenced = states.flatMap(({ fence }) => fence ?? [])
  if (fenced.length === 0) return []
  const held = await heldOf(db, fenced)
  const refused: DetectorState[] = []
  for (const [stream, rows] of Map.groupBy(states, (row) => row.stream)) {
    const homes = await homesOf(
      db,
      stream,
      rows.map(({ entityId }) => entityId),
    )
    for (const row of rows)
      if (row.fence && !(held.has(row.fence.shard) && homes.get(row.entityId) === row.fence.shard))
        refused.push(row)
  }
  return refused
}
