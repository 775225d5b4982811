import type { EntityState } from './entity-state.ts'

/**
 * States by stream and entity, at most `limit` of them. When it is full, the least recently used one makes room if it has been
 * silent for `staleAfterMs` of event time; else the newcomer is turned away, so that a flood of new names cannot push out what
 * was learned.
 */
export class Entities {
  readonly #limit: number
  readonly #staleAfterMs: number
  /** Each map in order of use, oldest first. */
  readonly #streams = new Map<string, Map<string, EntityState>>()
  #size = 0

  constructor(limit: number, staleAfterMs: number) {
    this.#limit = limit
    this.#staleAfterMs = staleAfterMs
  }

  get size(): number {
    return this.#size
  }

  /** Marks it as used. */
  use(stream: string, entityId: string): EntityState | undefined {
    const states = this.#streams.get(stream)
    const state = states?.get(entityId)
    if (states === undefined || state === undefined) return undefined
    states.delete(entityId)
    states.set(entityId, state)
    return state
  }

  get(stream: string, entityId: string): EntityState | undefined {
    return this.#streams.get(stream)?.get(entityId)
  }

  /** False: no room. `evicted` is what made room. */
  add(state: EntityState, nowMs: number): { added: boolean; evicted?: EntityState } {
    const evicted = this.#size >= this.#limit ? this.#stalest(nowMs) : undefined
    if (this.#size >= this.#limit && evicted === undefined) return { added: false }
    if (evicted !== undefined) this.delete(evicted)
    const { name } = state.stream
    let states = this.#streams.get(name)
    if (states === undefined) {
      states = new Map()
      this.#streams.set(name, states)
    }
    states.set(state.entity.id, state)
    this.#size++
    return evicted === undefined ? { added: true } : { added: true, evicted }
  }

  /** Its states, one for each stream that it has. */
  of(entityId: string): EntityState[] {
    return [...this.#streams.values()].flatMap((states) => states.get(entityId) ?? [])
  }

  delete(state: EntityState): void {
    const states = this.#streams.get(state.stream.name)
    if (states?.get(state.entity.id) !== state) return
    states.delete(state.entity.id)
    this.#size--
  }

  *[Symbol.iterator](): Generator<EntityState> {
    for (const states of this.#streams.values()) yield* states.values()
  }

  #stalest(nowMs: number): EntityState | undefined {
    let stalest: EntityState | undefined
    for (const states of this.#streams.values()) {
      const [oldest] = states.values()
      if (oldest !== undefined && oldest.timeMs < (stalest?.timeMs ?? nowMs - this.#staleAfterMs))
        stalest = oldest
    }
    return stalest
  }
}
