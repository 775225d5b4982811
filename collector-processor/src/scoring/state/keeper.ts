import { setImmediate } from 'node:timers/promises'
import type { DetectorStateStore } from '../ports.ts'
import type { Entities } from './entities.ts'
import type { EntityState } from './entity-state.ts'

/** States written at a time: bounds the pause of the hot path to some milliseconds, and the size of a transaction. */
const BATCH = 16
/** States of one save; a larger fleet takes several intervals to go round. */
const LARGEST_SAVE = 4096

/** Saves changed states to the store, in batches, with all that waits on the event loop let by between them. */
export class StateKeeper {
  readonly #entities: Entities
  readonly #store: DetectorStateStore
  readonly #refused: (state: EntityState) => void
  #running: Promise<void> | undefined

  /** @param refused told of each state that is not this process's to save any more */
  constructor(
    entities: Entities,
    store: DetectorStateStore,
    refused: (state: EntityState) => void = () => {},
  ) {
    this.#entities = entities
    this.#store = store
    this.#refused = refused
  }

  /** Saves what changed since it was saved last; at most `limit` states. One save runs at a time, others join it. */
  save(limit = LARGEST_SAVE): Promise<void> {
    this.#running ??= this.#save(limit).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async saveAll(): Promise<void> {
    await this.#running?.catch(() => {})
    await this.save(Number.POSITIVE_INFINITY)
  }

  async #save(limit: number): Promise<void> {
    const dirty: EntityState[] = []
    for (const state of this.#entities) if (state.dirty && dirty.length < limit) dirty.push(state)
    for (let i = 0; i < dirty.length; i += BATCH) {
      await this.write(dirty.slice(i, i + BATCH))
      await setImmediate()
    }
  }

  async write(states: readonly EntityState[]): Promise<void> {
    const rows = states.map((state) => {
      state.dirty = false
      const { stream, entity, fence } = state
      return { stream: stream.name, entityId: entity.id, state: state.save(), fence }
    })
    try {
      const refused = await this.#store.saveMany(rows)
      for (const [at, row] of rows.entries()) if (refused.includes(row)) this.#refused(states[at]!)
    } catch (error) {
      for (const state of states) state.dirty = true
      throw error
    }
  }
}
