import type { ThresholdStore } from './ports.ts'

/** Thresholds in memory, for the hot path, in front of the store. */
export class Thresholds {
  readonly #store: ThresholdStore
  readonly #initial: number
  readonly #tuned = new Map<string, number>()

  constructor(store: ThresholdStore, initial: number) {
    this.#store = store
    this.#initial = initial
  }

  async load(): Promise<void> {
    for (const { stream, entityId, threshold } of await this.#store.list())
      this.#tuned.set(key(stream, entityId), threshold)
  }

  get(stream: string, entityId: string): number {
    return this.#tuned.get(key(stream, entityId)) ?? this.#initial
  }

  /** @throws RangeError outside 0 … 1 */
  async set(stream: string, entityId: string, threshold: number): Promise<void> {
    if (!(threshold >= 0 && threshold <= 1))
      throw new RangeError(`threshold of ${stream} ${entityId} is ${threshold}, must be 0 to 1`)
    await this.#store.set({ stream, entityId, threshold })
    this.#tuned.set(key(stream, entityId), threshold)
  }
}

const key = (stream: string, entityId: string): string => `${stream}\0${entityId}`
