import type { ThresholdStore } from './ports.ts'

/** Changes read at once. */
const PIECE = 500

/** Thresholds that were tuned, in memory, for the hot path. What is changed in the store comes with `follow`. */
export class Thresholds {
  readonly #store: ThresholdStore
  readonly #applied: (stream: string, entityId: string) => void
  readonly #tuned = new Map<string, Map<string, number>>()
  #version = 0
  #following: Promise<void> = Promise.resolve()

  /** @param applied told of each threshold that was changed since `load` */
  constructor(store: ThresholdStore, applied: (stream: string, entityId: string) => void) {
    this.#store = store
    this.#applied = applied
  }

  async load(): Promise<void> {
    // What is changed between the two comes again with the first `follow`.
    this.#version = await this.#store.version()
    for (const { stream, entity_id, value } of await this.#store.all()) this.#set(stream, entity_id, value)
  }

  get(stream: string, entityId: string): number | undefined {
    return this.#tuned.get(stream)?.get(entityId)
  }

  /** Applies what was committed before the call, by whichever process, in its order. */
  follow(): Promise<void> {
    // One after the other: a reading that is under way may have begun before the commit.
    const following = this.#following.then(() => this.#read())
    this.#following = following.catch(() => {})
    return following
  }

  async #read(): Promise<void> {
    for (let full = true; full; ) {
      const steps = await this.#store.since(this.#version, PIECE)
      for (const { version, stream, entity_id, to } of steps) {
        this.#set(stream, entity_id, to)
        this.#version = version
        this.#applied(stream, entity_id)
      }
      full = steps.length === PIECE
    }
  }

  #set(stream: string, entityId: string, value: number | null): void {
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
