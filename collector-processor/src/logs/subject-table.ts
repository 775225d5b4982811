import { Owners } from './owners.ts'

/** Part of the entries that makes room when there is none. */
const EVICTED = 0.1

export interface Subject {
  readonly owner: number
  readonly service: number
  hits: number
  /** Evicted: its number may be another's by now. */
  gone: boolean
}

/**
 * A bounded table of what is counted beside templates (transitions, exceptions). The least used make room for new ones; uses are
 * halved whenever that happens, so that old ones do not stay for ever.
 */
export class SubjectTable<Key, Entry extends Subject> {
  evicted = 0
  readonly #entries = new Map<Key, Entry>()
  readonly #owners = new Owners()
  readonly #limit: number
  readonly #forget: (owner: number) => void

  constructor(limit: number, forget: (owner: number) => void) {
    this.#limit = limit
    this.#forget = forget
  }

  get size(): number {
    return this.#entries.size
  }

  /** The entry of the key; one that is new is made with the number under which it is counted. */
  intern(key: Key, make: (owner: number) => Entry): Entry {
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      if (this.#entries.size >= this.#limit) this.#evict()
      entry = make(this.#owners.take())
      this.#entries.set(key, entry)
    }
    entry.hits++
    return entry
  }

  values(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  deleteWhere(gone: (entry: Entry) => boolean): void {
    for (const [key, entry] of this.#entries) if (gone(entry)) this.#delete(key, entry)
  }

  #evict(): void {
    const all = [...this.#entries].sort(([, one], [, other]) => one.hits - other.hits)
    const dropped = Math.max(1, Math.floor(all.length * EVICTED))
    for (const [, entry] of all) entry.hits /= 2
    for (const [key, entry] of all.slice(0, dropped)) this.#delete(key, entry)
    this.evicted += dropped
  }

  #delete(key: Key, entry: Entry): void {
    this.#entries.delete(key)
    entry.gone = true
    this.#forget(entry.owner)
    this.#owners.give(entry.owner)
  }
}
