import { type Entity, entityKey } from '../entity.ts'
import { checkPeak, type Peak } from '../episode.ts'
import type { Json } from '../policy.ts'
import { TunerError } from '../tuner-error.ts'

/** Entities that a policy remembers. */
export const MOST_ENTITIES = 10_000

/** What a policy remembers of each entity: bounded, the entity longest unseen is forgotten first. */
export class EntityStates<S extends Json> {
  readonly #states = new Map<string, { readonly minute: number; readonly state: S }>()
  readonly #fresh: () => S
  readonly #most: number

  constructor(fresh: () => S, most: number = MOST_ENTITIES) {
    this.#fresh = fresh
    this.#most = most
  }

  get(entity: Entity): S | undefined {
    return this.#states.get(entityKey(entity))?.state
  }

  /** Takes the severities of those minutes in that are new, in their order. @throws TunerError and nothing is changed */
  observe(
    entity: Entity,
    peaks: readonly Peak[],
    take: (state: S, severities: readonly number[]) => S,
  ): void {
    for (const peak of peaks) checkPeak(peak)
    const key = entityKey(entity)
    let { minute, state } = this.#states.get(key) ?? { minute: -1, state: this.#fresh() }
    const severities: number[] = []
    for (const peak of peaks) {
      if (peak.minute <= minute) continue
      minute = peak.minute
      severities.push(peak.severity)
    }
    if (severities.length > 0) state = take(state, severities)
    this.#states.delete(key)
    this.#states.set(key, { minute, state })
    if (this.#states.size <= this.#most) return
    const [oldest] = this.#states.keys()
    if (oldest !== undefined) this.#states.delete(oldest)
  }

  save(): Json {
    return [...this.#states].map(([key, { minute, state }]) => [key, minute, state])
  }

  /** @param read the state of one entity, or undefined for what is none @throws TunerError */
  load(saved: Json, read: (state: Json) => S | undefined): void {
    if (!Array.isArray(saved)) throw invalid('is no list of entities')
    for (const one of saved) {
      if (!Array.isArray(one)) throw invalid('holds an entity that is no list')
      const [key, minute, state] = one
      const own = state === undefined ? undefined : read(state)
      if (typeof key !== 'string' || typeof minute !== 'number' || own === undefined)
        throw invalid(`cannot be read at entity ${JSON.stringify(key)}`)
      this.#states.set(key, { minute, state: own })
    }
  }
}

const invalid = (what: string) =>
  new TunerError('invalid_state', `saved state ${what}: it was not written by this policy; start without it`)

/** Numbers as they were saved, or undefined. */
export const numbersOf = (saved: Json | undefined): number[] | undefined =>
  Array.isArray(saved) && saved.every((one) => typeof one === 'number' && Number.isFinite(one))
    ? saved.map(Number)
    : undefined
