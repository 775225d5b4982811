import { setTimeout as sleep } from 'node:timers/promises'
import { AnomalyPage } from '@adf/contract'
import type { ComposeStack } from '../harness/compose-stack.ts'
import { STREAM } from './load.ts'

const PAUSE_MS = 2000

/** Somebody who judges the latest anomalies, one after the other, at the webhook. */
export class VerdictLoad {
  /** Anomalies whose verdict the webhook took. */
  readonly acknowledged: string[] = []
  /** Of those that were given more than once, since the first answer did not come. */
  readonly repeated = new Set<string>()
  readonly #stack: ComposeStack
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(stack: ComposeStack) {
    this.#stack = stack
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const tried = new Set<string>()
    while (!this.#stopping.signal.aborted) {
      await sleep(PAUSE_MS)
      const id = await this.#latest(tried).catch(() => undefined)
      if (id === undefined) continue
      tried.add(id)
      while (!(await this.#give(id).catch(() => false))) {
        this.repeated.add(id)
        if (this.#stopping.signal.aborted) return
        await sleep(PAUSE_MS)
      }
      this.acknowledged.push(id)
    }
  }

  async #latest(tried: ReadonlySet<string>): Promise<string | undefined> {
    const page = await this.#stack.json('processor:8080', `/api/anomalies?stream=${STREAM}&limit=50`)
    return AnomalyPage.parse(page).items.find(({ id }) => !tried.has(id))?.id
  }

  async #give(id: string): Promise<boolean> {
    const response = await fetch(`${this.#stack.url('webhook:8082')}/api/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // One author may say no more than thirty things a minute.
      body: JSON.stringify({
        anomaly_id: id,
        verdict: 'true_positive',
        author: `operator-${id.slice(0, 4)}`,
      }),
    })
    return response.ok
  }
}
