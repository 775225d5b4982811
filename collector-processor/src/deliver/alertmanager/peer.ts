import type { DeliveryStatus } from '@adf/contract'
import type { PostableAlert } from './alert.ts'
import type { FailureReason, Outcome } from './post.ts'

/** Alerts in one request. */
const BATCH = 64
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000

interface Due {
  readonly id: string
  readonly alert: PostableAlert
}

export interface PeerPorts {
  /** The alert as it is now; undefined when it is no longer to be sent. */
  compose(id: string): PostableAlert | undefined
  post(alerts: readonly PostableAlert[], signal: AbortSignal): Promise<Outcome>
  accepted(ids: readonly string[]): void
  /** `lost`: it will not be tried again before its next change or resend. */
  failed(reason: FailureReason, message: string, alerts: number, lost: boolean): void
  readonly clock: () => number
}

/**
 * One Alertmanager, with its own queue and its own retries. The queue holds ids, and an alert is composed when it is sent:
 * one that changed while it waited goes out once, as it is then.
 */
export class Peer {
  readonly name: string
  readonly #ports: PeerPorts
  readonly #due = new Set<string>()
  readonly #abort = new AbortController()
  #working: Promise<void> | undefined
  #wake: (() => void) | undefined
  #failures = 0
  #reachable: boolean | null = null
  #lastSuccessMs: number | null = null
  #lastError: string | null = null

  constructor(name: string, ports: PeerPorts) {
    this.name = name
    this.#ports = ports
  }

  send(ids: Iterable<string>): void {
    for (const id of ids) this.#due.add(id)
    if (this.#due.size > 0) this.#working ??= this.#work()
  }

  /** What is due has one last chance; then a request in flight is cut off after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#failures = Number.POSITIVE_INFINITY
    this.#wake?.()
    const cut = setTimeout(() => this.#abort.abort(), graceMs)
    await this.#working
    clearTimeout(cut)
  }

  get pending(): number {
    return this.#due.size
  }

  status(): DeliveryStatus {
    return {
      name: this.name,
      reachable: this.#reachable,
      last_success_at: this.#lastSuccessMs === null ? null : new Date(this.#lastSuccessMs).toISOString(),
      last_error: this.#lastError,
    }
  }

  async #work(): Promise<void> {
    while (this.#due.size > 0) {
      const batch = this.#take(BATCH)
      const again = await this.#post(batch)
      if (again.length === 0) continue
      for (const { id } of again) this.#due.add(id)
      if (this.#failures === Number.POSITIVE_INFINITY) break
      await this.#wait()
    }
    this.#working = undefined
  }

  #take(count: number): Due[] {
    const batch: Due[] = []
    for (const id of this.#due) {
      if (batch.length === count) break
      this.#due.delete(id)
      const alert = this.#ports.compose(id)
      if (alert !== undefined) batch.push({ id, alert })
    }
    return batch
  }

  /**
   * Returns what to send again after a wait. A 400 may come of one alert among many, and the others may yet have been
   * stored: each then goes alone, up to the first one that calls for a wait. That one goes to the end of the line, so that
   * it does not hold up the others each time.
   */
  async #post(batch: readonly Due[]): Promise<readonly Due[]> {
    if (batch.length === 0) return []
    const outcome = await this.#ports.post(
      batch.map(({ alert }) => alert),
      this.#abort.signal,
    )
    if (outcome.ok) {
      if (this.#failures !== Number.POSITIVE_INFINITY) this.#failures = 0
      this.#reachable = true
      this.#lastError = null
      this.#lastSuccessMs = this.#ports.clock()
      this.#ports.accepted(batch.map(({ id }) => id))
      return []
    }
    this.#lastError = outcome.message
    this.#reachable = outcome.reason === 'rejected'
    const lost = outcome.reason === 'rejected' && batch.length === 1
    this.#ports.failed(outcome.reason, outcome.message, batch.length, lost)
    if (outcome.reason !== 'rejected') return batch
    if (lost) return []
    for (const [index, one] of batch.entries()) {
      const again = await this.#post([one])
      if (again.length > 0) return [...batch.slice(index + 1), ...again]
    }
    return []
  }

  #wait(): Promise<void> {
    const ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++)
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
