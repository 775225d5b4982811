import { setImmediate, setTimeout } from 'node:timers/promises'
import type { DetectorStateStore } from '../ports.ts'
import type { Entities } from './entities.ts'
import type { EntityState } from './entity-state.ts'

/** States written at a time: bounds the pause of the hot path to a millisecond or two, and the size of a transaction. */
const BATCH = 4
/** States of one save; a larger fleet takes several to go round. */
const LARGEST_SAVE = 4096

export interface SaveOptions {
  /** States, at most. */
  readonly limit?: number
  /** Over how long the batches are spread. 0: one in each turn of the event loop. */
  readonly spreadMs?: number
}

interface KeeperOptions {
  /** Told of each state that is not this process's to save any more. */
  readonly refused?: (state: EntityState) => void
  /** Waits, but not beyond the signal. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Saves changed states to the store, in batches, with all that waits on the event loop let by between them. */
export class StateKeeper {
  readonly #entities: Entities
  readonly #store: DetectorStateStore
  readonly #refused: (state: EntityState) => void
  readonly #pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** What was changed when the round began, and is still to be saved in it; first comes last. */
  #round: EntityState[] = []
  #running: Promise<void> | undefined
  #hurry = new AbortController()

  constructor(
    entities: Entities,
    store: DetectorStateStore,
    { refused = () => {}, pause = pauseUntil }: KeeperOptions = {},
  ) {
    this.#entities = entities
    this.#store = store
    this.#refused = refused
    this.#pause = pause
  }

  /**
   * Saves what changed since it was saved last, each state once before any is saved again. One save runs at a time, others join it.
   * Rejects when the store does; what was not saved is still changed then.
   */
  save({ limit = LARGEST_SAVE, spreadMs = 0 }: SaveOptions = {}): Promise<void> {
    this.#running ??= this.#save(limit, spreadMs).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Saves all that changed until now, without pauses. */
  async saveAll(): Promise<void> {
    this.#hurry.abort()
    await this.#running?.catch(() => {})
    this.#hurry = new AbortController()
    this.#round = []
    await this.save({ limit: Number.POSITIVE_INFINITY })
  }

  async #save(limit: number, spreadMs: number): Promise<void> {
    const { signal } = this.#hurry
    if (this.#round.length === 0) this.#round = [...this.#entities].filter(({ dirty }) => dirty).reverse()
    const batches = Math.ceil(Math.min(limit, this.#round.length) / BATCH)
    for (let batch = 0; batch < batches; batch++) {
      const states: EntityState[] = []
      for (let state = this.#round.pop(); state !== undefined; state = this.#round.pop()) {
        if (state.dirty) states.push(state)
        if (states.length === BATCH) break
      }
      await this.write(states)
      if (spreadMs > 0 && !signal.aborted) await this.#pause(spreadMs / batches, signal)
      else await setImmediate()
    }
  }

  async write(states: readonly EntityState[]): Promise<void> {
    if (states.length === 0) return
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

async function pauseUntil(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => {})
}
