import { setImmediate } from 'node:timers/promises'
import { type Fence, Fenced, type ShardStateStore } from '../store/shard.ts'
import type { Learned } from './learned.ts'

/** Rows of one transaction: bounds the pause of the hot path to some milliseconds. */
const BATCH = 16

interface Kept {
  readonly fence: Fence
  readonly lost: boolean
  readonly work: { readonly learned: Learned | undefined }
  lose(): void
}

/** Saves what shards learned that is of no entity's detectors. */
export class ShardKeeper {
  readonly #store: Pick<ShardStateStore, 'save'>

  constructor(store: Pick<ShardStateStore, 'save'>) {
    this.#store = store
  }

  /** What changed since it was saved last; nothing of a shard that another process has by now. Rejects when it could not. */
  async save(shard: Kept): Promise<void> {
    const { learned } = shard.work
    const keys = learned?.unsaved() ?? []
    for (let at = 0; at < keys.length && learned !== undefined && !shard.lost; at += BATCH) {
      const batch = keys.slice(at, at + BATCH)
      try {
        await this.#store.save(shard.fence, new Map(batch.map((key) => [key, learned.save(key)])))
      } catch (error) {
        for (const key of batch) learned.failed(key)
        if (!(error instanceof Fenced)) throw error
        shard.lose()
      }
      await setImmediate()
    }
  }
}
