import type { GroupCommit } from '@adf/service'
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { DetectorState, DetectorStateStore } from '../store.ts'

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

  async saveMany(states: readonly DetectorState[]): Promise<void> {
    const saved_ms = this.#clock()
    await this.#commit.write(async (db) => {
      for (const { stream, entityId, state } of states) {
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
    })
  }
}
