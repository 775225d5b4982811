import type { AlertMessage } from '@adf/contract'
import type { Logger } from '@adf/service'
import type { AlertLog } from '../../store/store.ts'
import type { ApiMetrics } from '../metrics.ts'

/** Gets every message in the order of its cursor. */
export interface AlertListener {
  message(cursor: number, type: AlertMessage['type'], text: string): void
}

/** What is published: an anomaly, or an incident after a change. It must be in the store, or on its way there. */
export type Alert =
  | { type: 'anomaly'; data: Extract<AlertMessage, { type: 'anomaly' }>['data'] }
  | {
      type: 'incident'
      data: Extract<AlertMessage, { type: 'incident' }>['data']
    }

/** A store that refuses everything fills no log. */
const LOG_EVERY_MS = 60_000

/** Gives published alerts their place in the log, then hands them to who listens. */
export class AlertHub {
  readonly log: AlertLog
  readonly #clock: () => number
  readonly #metrics: ApiMetrics
  readonly #logger: Pick<Logger, 'error'>
  readonly #listeners = new Set<AlertListener>()
  #latest = 0
  #loggedMs = Number.NEGATIVE_INFINITY
  #lost = 0

  constructor(log: AlertLog, clock: () => number, metrics: ApiMetrics, logger: Pick<Logger, 'error'>) {
    this.log = log
    this.#clock = clock
    this.#metrics = metrics
    this.#logger = logger
  }

  async start(): Promise<void> {
    this.#latest = Math.max(this.#latest, (await this.log.bounds()).latest)
  }

  /** Resolves when it is committed and handed on. Never rejects: a failure is counted, and logged once in a while, and the alert itself is in the store all the same. */
  async publish({ type, data }: Alert): Promise<void> {
    try {
      const cursor = await this.log.append(type, data.id, this.#clock())
      this.#latest = Math.max(this.#latest, cursor)
      if (this.#listeners.size === 0) return
      const text = JSON.stringify({ type, cursor: String(cursor), data })
      for (const listener of this.#listeners) listener.message(cursor, type, text)
    } catch (error) {
      this.#metrics.alertsLost.inc({ type })
      this.#tellLost(error, type, data.id)
    }
  }

  #tellLost(error: unknown, type: string, id: string): void {
    this.#lost++
    const nowMs = this.#clock()
    if (Math.abs(nowMs - this.#loggedMs) < LOG_EVERY_MS) return
    const fields = { err: error, type, id, lost: this.#lost }
    this.#logger.error(fields, 'not published to /ws/alerts; see adf_alert_messages_lost_total')
    this.#loggedMs = nowMs
    this.#lost = 0
  }

  /** Cursor of the last message that was handed on. */
  get latest(): number {
    return this.#latest
  }

  listen(listener: AlertListener): void {
    this.#listeners.add(listener)
  }

  leave(listener: AlertListener): void {
    this.#listeners.delete(listener)
  }
}
