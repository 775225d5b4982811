/** Somebody who listens for changes, from the moment they began to. */
export interface Listener {
  /** Resolves once one of the runs has changed since, or all are sent away; after so long; or when `gone` says that nobody waits. */
  changed(timeoutMs: number, gone: AbortSignal): Promise<void>
  /** Must be called when nobody listens any more. */
  end(): void
}

/** Woken at a time, before others get their turn: each of them reads the database and answers. */
const WOKEN_AT_ONCE = 8

/** Tells those who listen that something has changed in a run. */
export class Announcements {
  readonly #listeners = new Set<{ readonly runs: ReadonlySet<string>; readonly wake: () => void }>()
  #closed = false

  get listening(): number {
    return this.#listeners.size
  }

  listen(runs: readonly string[]): Listener {
    const { promise, resolve } = Promise.withResolvers<void>()
    const listener = { runs: new Set(runs), wake: () => resolve() }
    if (this.#closed) resolve()
    else this.#listeners.add(listener)
    return {
      async changed(timeoutMs, gone) {
        if (gone.aborted) return
        const timer = setTimeout(listener.wake, timeoutMs)
        gone.addEventListener('abort', listener.wake, { once: true })
        await promise
        clearTimeout(timer)
        gone.removeEventListener('abort', listener.wake)
      },
      end: () => void this.#listeners.delete(listener),
    }
  }

  announce(run: string): void {
    const listeners = [...this.#listeners].filter(({ runs }) => runs.has(run))
    const wakeSome = (from: number) => {
      for (const { wake } of listeners.slice(from, from + WOKEN_AT_ONCE)) wake()
      if (from + WOKEN_AT_ONCE < listeners.length) setImmediate(wakeSome, from + WOKEN_AT_ONCE)
    }
    wakeSome(0)
  }

  /** Sends all away, and whoever comes later at once. */
  close(): void {
    this.#closed = true
    for (const { wake } of this.#listeners) wake()
  }

  get closed(): boolean {
    return this.#closed
  }
}
