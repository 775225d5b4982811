import type { ThresholdStore } from './ports.ts'

/** Thresholds that were tuned, in memory, for the hot path. */
export class Thresholds {
  readonly #store: ThresholdStore
  readonly #tuned = new Map<string, Map<string, number>>()

  constructor(store: ThresholdStore) {
    this.#store = store
  }

  async load(): Promise<void> {
    for (const { stream, entity_id, value } of await this.#store.all()) this.apply(stream, entity_id, value)
  }

  get(stream: string, entityId: string): number | undefined {
    return this.#tuned.get(stream)?.get(entityId)
  }

  /** null: it is tuned no more. */
  apply(stream: string, entityId: string, value: number | null): void {
    let tuned = this.#tuned.get(stream)
    if (value === null) {
      tuned?.delete(entityId)
      return
    }
    if (tuned === undefined) {
      tuned = new Map()
      this.#tuned.set(stream, tuned)
    }
    tuned.set(entityId, value)
  }
}
