import { setImmediate } from 'node:timers/promises'
import { BLOCK_MS, type ScoreBlock } from '../../store/score-block.ts'
import type { ScoreHistoryStore } from '../ports.ts'
import type { Entities } from '../state/entities.ts'
import type { EntityState } from '../state/entity-state.ts'
import type { RunningBlock } from './minutes.ts'

/** Blocks of one transaction: a pause of the hot path of a few milliseconds. */
const BATCH = 32

/** Stores what was recorded since it was stored last, in batches, with all that waits on the event loop let by between them. */
export class SeverityKeeper {
  readonly #entities: Entities
  readonly #store: ScoreHistoryStore
  #running: Promise<void> = Promise.resolve()

  constructor(entities: Entities, store: ScoreHistoryStore) {
    this.#entities = entities
    this.#store = store
  }

  /** Once what is under way is done: all that was recorded before the call is stored when it resolves. */
  save(): Promise<void> {
    const saving = this.#running.then(() => this.write(this.#entities))
    this.#running = saving.catch(() => {})
    return saving
  }

  async write(states: Iterable<EntityState>): Promise<void> {
    const dirty = [...states].flatMap((state) => dirtyBlocks(state))
    for (let i = 0; i < dirty.length; i += BATCH) {
      await this.#merge(dirty.slice(i, i + BATCH))
      await setImmediate()
    }
  }

  async #merge(blocks: readonly Dirty[]): Promise<void> {
    for (const { running } of blocks) running.dirty = false
    try {
      await this.#store.merge(blocks)
    } catch (error) {
      for (const { running } of blocks) running.dirty = true
      throw error
    }
  }
}

/** What is held of an entity, stored or not. */
export function blocksOf(state: EntityState): ScoreBlock[] {
  return [...(state.minutes?.blocks() ?? [])].map((running) => scoreBlock(state, running))
}

interface Dirty extends ScoreBlock {
  readonly running: RunningBlock
}

const dirtyBlocks = (state: EntityState): Dirty[] =>
  [...(state.minutes?.blocks() ?? [])]
    .filter(({ dirty }) => dirty)
    .map((running) => ({ ...scoreBlock(state, running), running }))

const scoreBlock = ({ stream, entity }: EntityState, { block, levels }: RunningBlock): ScoreBlock => ({
  stream: stream.name,
  entityId: entity.id,
  beginMs: block * BLOCK_MS,
  levels,
})
