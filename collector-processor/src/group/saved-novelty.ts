import type { LogNovelty } from '../feature/log-novelty.ts'
import type { Learned } from './learned.ts'

export interface SavedNoveltyParts {
  /** What was saved of the shard, by entity. */
  readonly saved: ReadonlyMap<string, Uint8Array>
  readonly novelty: (entityId: string) => LogNovelty | undefined
  /** Entities whose novelty has learned since it was saved. */
  readonly changed: () => string[]
  /** Time of the windows; what was saved of an entity goes when nothing of it came here for so long. */
  readonly clock: () => number
  readonly staleMs: number
  readonly unreadable: (entityId: string, error: unknown) => void
}

/** What `log_novelty` has learned of the entities of a shard. */
export class SavedNovelty implements Learned {
  readonly #parts: SavedNoveltyParts
  /** What was saved, of entities that did not come yet. */
  readonly #waiting: Map<string, Uint8Array>
  /** Entities of which there is a row. */
  readonly #rows: Set<string>
  readonly #begunMs: number

  constructor(parts: SavedNoveltyParts) {
    this.#parts = parts
    this.#waiting = new Map(parts.saved)
    this.#rows = new Set(parts.saved.keys())
    this.#begunMs = parts.clock()
  }

  /** Of an entity that came: it goes on with what was saved. */
  goOn(entityId: string, novelty: LogNovelty): void {
    const bytes = this.#waiting.get(entityId)
    if (bytes === undefined) return
    this.#waiting.delete(entityId)
    try {
      novelty.restore(bytes)
    } catch (error) {
      this.#parts.unreadable(entityId, error)
    }
  }

  unsaved(): string[] {
    const { novelty, changed, clock, staleMs } = this.#parts
    if (clock() - this.#begunMs > staleMs) this.#waiting.clear()
    const gone = [...this.#rows].filter((id) => novelty(id) === undefined && !this.#waiting.has(id))
    return [...changed(), ...gone]
  }

  save(entityId: string): Uint8Array | null {
    const bytes = this.#parts.novelty(entityId)?.save() ?? null
    if (bytes === null) this.#rows.delete(entityId)
    else this.#rows.add(entityId)
    return bytes
  }

  failed(entityId: string): void {
    const novelty = this.#parts.novelty(entityId)
    if (novelty !== undefined) novelty.changed = true
    else this.#rows.add(entityId)
  }
}
