/** Within so long an entry that is seen again keeps its place: moving it costs more than it tells. */
const SAME_MS = 1000

export interface Seen {
  lastSeenMs: number
}

/** A map of at most `limit` entries, of which the one that was not seen for longest gives way to a new one. */
export class RecentMap<V extends Seen> {
  readonly #limit: number
  readonly #evicted: (entry: V) => void
  /** Oldest first. */
  readonly #entries = new Map<string, V>()

  constructor(limit: number, evicted: (entry: V) => void) {
    this.#limit = limit
    this.#evicted = evicted
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)
  }

  /** The entry of this key, made when it is new, and seen now. */
  see(key: string, nowMs: number, make: () => V): V {
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      if (this.#entries.size >= this.#limit) {
        for (const [oldest, gone] of this.#entries) {
          this.#entries.delete(oldest)
          this.#evicted(gone)
          break
        }
      }
      entry = make()
      this.#entries.set(key, entry)
    } else if (nowMs - entry.lastSeenMs >= SAME_MS) {
      this.#entries.delete(key)
      this.#entries.set(key, entry)
    }
    entry.lastSeenMs = Math.max(entry.lastSeenMs, nowMs)
    return entry
  }

  remove(key: string): void {
    this.#entries.delete(key)
  }

  forgetBefore(ms: number): void {
    for (const [key, { lastSeenMs }] of this.#entries) {
      if (lastSeenMs >= ms) return
      this.#entries.delete(key)
    }
  }

  values(): Iterable<V> {
    return this.#entries.values()
  }
}
