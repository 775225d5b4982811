import { DatabaseUnwritable } from '@adf/service'
import type { Store } from './store.ts'

/** A write that may be made again. A later one with the same key takes its place. */
export interface KeptWrite {
  readonly key: string
  readonly what: 'anomaly' | 'assignment' | 'incident' | 'history'
  run(): Promise<void>
  /** Called once it is stored after all. */
  late(): Promise<unknown> | undefined
}

/** A write, and how many began before it: writes that are refused together are not refused in their order. */
interface Begun extends KeptWrite {
  readonly order: number
}

/** Of each kind; an anomaly is some kilobytes. */
const LIMIT = 5000
/** Made again at once, so that the store's own queue has room for others. */
const PART = 500

/**
 * Keeps writes while nothing can be written, such as on a full disk, and makes them in their order once something can. Past
 * the limit the newest are lost, which is told; so is what the store refuses for another reason.
 */
export class Backlog {
  readonly #store: Pick<Store, 'fault'>
  readonly #lost: (what: KeptWrite['what'], error: unknown) => void
  readonly #limit: number
  readonly #waiting = new Map<string, Begun>()
  readonly #waitingOf = { anomaly: 0, assignment: 0, incident: 0, history: 0 }
  /** By key, the last write that began: an older one that is refused after it must not come back. */
  readonly #begun = new Map<string, Begun>()
  #writes = 0
  #retrying: Promise<void> | undefined

  constructor(parts: {
    store: Pick<Store, 'fault'>
    lost: (what: KeptWrite['what'], error: unknown) => void
    limit?: number
  }) {
    this.#store = parts.store
    this.#lost = parts.lost
    this.#limit = parts.limit ?? LIMIT
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Resolves to whether it is stored; it may wait, or be lost, when it is not. Never rejects. */
  async write({ key, what, run, late }: KeptWrite): Promise<boolean> {
    const write: Begun = { key, what, run, late, order: this.#writes++ }
    if (this.#waiting.size > 0 || this.#store.fault() !== undefined) {
      this.#keep(write, this.#store.fault())
      // What cleared the fault may have been told before this one came to wait.
      if (this.#store.fault() === undefined) void this.retry()
      return false
    }
    return this.#try(write)
  }

  /** To be called when something can be written again. */
  retry(): Promise<void> {
    this.#retrying ??= this.#retry().finally(() => {
      this.#retrying = undefined
    })
    return this.#retrying
  }

  /** Gives up on what still waits, once it was tried a last time. */
  async end(): Promise<void> {
    await this.#retrying
    await this.#retry(true)
    for (const { what } of this.#waiting.values()) this.#lost(what, this.#store.fault())
    this.#waiting.clear()
  }

  async #retry(last = false): Promise<void> {
    while (this.#waiting.size > 0 && (last || this.#store.fault() === undefined)) {
      const part = [...this.#waiting.values()].sort((a, b) => a.order - b.order).slice(0, PART)
      const stored = await Promise.all(
        part.map(async (write) => {
          const done = await this.#try(write)
          if (done) await write.late()
          return done
        }),
      )
      if (last && stored.includes(false)) return
    }
  }

  async #try(write: Begun): Promise<boolean> {
    this.#begun.set(write.key, write)
    try {
      await write.run()
      this.#forget(write)
      return true
    } catch (error) {
      if (error instanceof DatabaseUnwritable) {
        // One with its key that waits is later, or it is this one.
        const newest = this.#begun.get(write.key) === write && !this.#waiting.has(write.key)
        if (newest) this.#keep(write, error)
      } else {
        this.#forget(write)
        this.#lost(write.what, error)
      }
      return false
    } finally {
      if (this.#begun.get(write.key) === write) this.#begun.delete(write.key)
    }
  }

  #keep(write: Begun, error: unknown): void {
    const { key, what } = write
    const earlier = this.#waiting.get(key)
    if (earlier !== undefined) this.#waiting.set(key, { ...write, order: earlier.order })
    else if (this.#waitingOf[what] < this.#limit) {
      this.#waiting.set(key, write)
      this.#waitingOf[what]++
    } else this.#lost(what, error)
  }

  /** It is done with, unless a later one with its key waits by now. */
  #forget(write: Begun): void {
    if (this.#waiting.get(write.key) !== write) return
    this.#waiting.delete(write.key)
    this.#waitingOf[write.what]--
  }
}
