import type { Component, Logger } from '@adf/service'
import type { Counter } from 'prom-client'
import type { AlertStore } from '../store/store.ts'
import { AlertmanagerClient, type Credentials } from './client.ts'
import { type Listing, merged } from './snapshot.ts'

/** Silenced alerts, and silences, of one look at most. */
const MOST = 5000

export interface PollerOptions {
  readonly urls: readonly string[]
  readonly credentials: Credentials
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly alerts: Pick<AlertStore, 'listed'>
  readonly polls: Counter<'peer' | 'outcome'>
  readonly clock: () => number
  readonly newId: () => string
  readonly log: Logger
}

export interface Peer {
  readonly url: string
  readonly reachable: boolean
  readonly error: string | null
}

/**
 * Asks every Alertmanager, time and again, which alerts are silenced or inhibited: silenced ones are never notified, so that nothing else tells. One that
 * does not answer is left out, and what the others say is stored all the same.
 */
export class AlertmanagerPoller implements Component {
  readonly name = 'alertmanagers'
  readonly #options: PollerOptions
  readonly #clients: readonly AlertmanagerClient[]
  readonly #errors: (string | undefined)[]
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #working: Promise<void> = Promise.resolve()

  constructor(options: PollerOptions) {
    this.#options = options
    const { urls, credentials, timeoutMs } = options
    this.#clients = urls.map((url) => new AlertmanagerClient(url, credentials, timeoutMs))
    this.#errors = urls.map(() => 'not asked yet')
  }

  async start(): Promise<void> {
    if (this.#clients.length > 0) this.#next(0)
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    clearTimeout(this.#timer)
    await this.#working
  }

  peers(): Peer[] {
    return this.#options.urls.map((url, i) => {
      const error = this.#errors[i] ?? null
      return { url: withoutCredentials(url), reachable: error === null, error }
    })
  }

  /** One look at all of them. */
  async poll(): Promise<void> {
    const { alerts, clock, newId, polls } = this.#options
    const answers = await Promise.all(this.#clients.map((client, i) => this.#ask(client, i)))
    const listings = answers.filter((answer) => answer !== undefined)
    if (listings.length === 0) return
    const nowMs = clock()
    const { cut, ...snapshot } = merged(listings, nowMs, MOST, newId)
    if (cut) polls.inc({ peer: 'all', outcome: 'cut' })
    await alerts.listed({ ...snapshot, complete: !cut && listings.length === answers.length }, nowMs)
  }

  #next(afterMs: number): void {
    this.#timer = setTimeout(() => {
      this.#working = this.poll()
        .catch((error: unknown) => this.#options.log.warn({ err: error }, 'silences could not be stored'))
        .finally(() => {
          if (!this.#abort.signal.aborted) this.#next(this.#options.intervalMs)
        })
    }, afterMs).unref()
  }

  async #ask(client: AlertmanagerClient, i: number): Promise<Listing | undefined> {
    const { polls, log, urls } = this.#options
    const { signal } = this.#abort
    try {
      // Silences first: an alert that is silenced is then by one that is known.
      const silences = await client.silences(signal)
      const listing = { silences, alerts: await client.alerts(signal) }
      if (this.#errors[i] !== undefined) log.info({ peer: i }, 'Alertmanager answers')
      this.#errors[i] = undefined
      polls.inc({ peer: String(i), outcome: 'ok' })
      return listing
    } catch (error) {
      if (signal.aborted) return undefined
      const message = text(error)
      if (this.#errors[i] !== message)
        log.warn(
          { peer: i, url: withoutCredentials(urls[i] ?? ''), error: message },
          'Alertmanager does not answer',
        )
      this.#errors[i] = message
      polls.inc({ peer: String(i), outcome: 'failed' })
      return undefined
    }
  }
}

function withoutCredentials(given: string): string {
  const url = new URL(given)
  url.username = ''
  url.password = ''
  return url.href
}

/** fetch() says only "fetch failed"; the cause says why. */
function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const said = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
  return said.slice(0, 500)
}
