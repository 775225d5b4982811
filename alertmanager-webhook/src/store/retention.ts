import type { Component, Logger } from '@adf/service'
import type { Counter } from 'prom-client'
import type { Store } from './store.ts'

const EVERY_MS = 60_000
/** Rows of a table in one write: others wait for it. */
const AT_ONCE = 500

export interface RetentionOptions {
  readonly store: Store
  readonly retentionMs: number
  readonly auditRetentionMs: number
  readonly maxAlerts: number
  /** An alert that fires is over when nothing was heard of it for so long. */
  readonly endSilentAfterMs: number
  readonly silent: Counter
  readonly forgotten: Counter<'what'>
  readonly clock: () => number
  readonly log: Logger
}

/** Once a minute: deletes what is past its time, and ends alerts of which nothing was heard. */
export class RetentionTask implements Component {
  readonly name = 'retention'
  readonly #options: RetentionOptions
  #timer: NodeJS.Timeout | undefined
  #working: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      this.#working = this.#working.then(() => this.#quietly())
    }, EVERY_MS).unref()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#working
  }

  async run(): Promise<void> {
    const { store, retentionMs, auditRetentionMs, maxAlerts, endSilentAfterMs, clock } = this.#options
    const nowMs = clock()
    this.#options.silent.inc(await store.alerts.endSilent(nowMs - endSilentAfterMs))
    const retention = {
      nowMs,
      beforeMs: nowMs - retentionMs,
      auditBeforeMs: nowMs - auditRetentionMs,
      maxAlerts,
    }
    for (let more = true; more && !this.#stopped; ) {
      const gone = await store.forget(retention, AT_ONCE)
      for (const [what, count] of Object.entries(gone)) this.#options.forgotten.inc({ what }, count)
      more = Object.values(gone).some((count) => count >= AT_ONCE)
    }
  }

  /** What keeps it from writing is told elsewhere, and it comes again. */
  async #quietly(): Promise<void> {
    if (this.#stopped) return
    await this.run().catch((error: unknown) => {
      if (this.#options.store.fault() === undefined)
        this.#options.log.warn({ err: error }, 'retention failed')
    })
  }
}
