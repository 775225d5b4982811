import type { DeliveryStatus, Incident } from '@adf/contract'
import type { Component, Logger } from '@adf/service'
import type { Registry } from 'prom-client'
import type { IncidentChange } from '../../incident/ports.ts'
import type { AlertOutbox, IncidentStore, OutgoingAlert } from '../../store/store.ts'
import { RareLine } from '../rare-line.ts'
import { labelsOf, toPostable } from './alert.ts'
import { alertmanagerMetrics } from './metrics.ts'
import { Peer } from './peer.ts'
import { type Credentials, type FailureReason, postAlerts } from './post.ts'
import type { VerdictLinkOptions } from './verdict-links.ts'

/** An alert that ended is sent so many times more, for peers that were away. */
const RESENDS_AFTER_END = 5
/** A firing alert ends by itself after so many resends that did not come. */
const RESENDS_TO_EXPIRE = 4
const SHORTEST_LIFE_MS = 60_000

export interface AlertmanagerOptions {
  /** Every Alertmanager of the cluster: they do not pass alerts on to each other, only what they notified. */
  readonly urls: readonly string[]
  readonly resendIntervalMs: number
  readonly timeoutMs: number
  readonly credentials: Credentials
  /** Added to every alert. */
  readonly labels: Readonly<Record<string, string>>
  readonly externalUrl: string
  /** Links in annotations by which an alert is judged; without it there are none. */
  readonly feedback?: VerdictLinkOptions | undefined
  /** Alerts kept at once, those that ended lately included. */
  readonly maxAlerts?: number
}

interface Kept {
  alert: OutgoingAlert
  incident: Incident
  readonly accepted: Set<string>
}

/**
 * Sends an alert for each incident to every Alertmanager: when it opens, when its title changes, every resend interval while
 * it is open, and some times after its end. The labels are committed to the outbox before the first sending and are taken
 * from there after a restart, when what is open is sent again, and so is what ended meanwhile or shortly before.
 */
export class AlertmanagerDelivery implements Component {
  readonly name = 'alertmanager'
  readonly #options: AlertmanagerOptions & { readonly maxAlerts: number }
  readonly #outbox: AlertOutbox
  readonly #incidents: Pick<IncidentStore, 'get' | 'open'>
  readonly #clock: () => number
  readonly #log: Logger
  readonly #delivered: ((incidentId: string, receiver: string, atMs: number) => void) | undefined
  readonly #kept = new Map<string, Kept>()
  readonly #peers: readonly Peer[]
  readonly #metrics: ReturnType<typeof alertmanagerMetrics>
  #writes: Promise<unknown> = Promise.resolve()
  #resend: NodeJS.Timeout | undefined

  constructor(parts: {
    options: AlertmanagerOptions
    outbox: AlertOutbox
    incidents: Pick<IncidentStore, 'get' | 'open'>
    registry: Registry
    /** Wall clock: Alertmanager judges `endsAt` by its own. */
    clock: () => number
    log: Logger
    /** Told when the first Alertmanager has taken the alert of an incident, and each other one. */
    delivered?: (incidentId: string, receiver: string, atMs: number) => void
  }) {
    const { options, clock, log } = parts
    this.#options = { maxAlerts: 5000, ...options }
    this.#outbox = parts.outbox
    this.#incidents = parts.incidents
    this.#clock = clock
    this.#log = log
    this.#delivered = parts.delivered
    this.#peers = options.urls.map((url, index) => this.#peer(url, String(index)))
    this.#metrics = alertmanagerMetrics(parts.registry, () =>
      this.#peers.map((peer, index) => [String(index), peer.pending] as const),
    )
  }

  async start(): Promise<void> {
    if (this.#peers.length === 0) return
    for (const alert of await this.#outbox.pending(this.#clock() - this.#keepMs())) await this.#restore(alert)
    for (const incident of await this.#incidents.open()) {
      if (!this.#kept.has(incident.id)) this.changed(incident, 'opened')
    }
    this.#resend = setInterval(() => this.#resendAll(), this.#options.resendIntervalMs).unref()
  }

  /** What is due has one last chance. Alerts of open incidents go on firing until the next start, or expire. */
  async stop(): Promise<void> {
    clearInterval(this.#resend)
    await this.#writes
    await Promise.all(this.#peers.map((peer) => peer.stop(this.#options.timeoutMs)))
  }

  /** For the tracker's callback: returns at once. Changes of one incident must come in order. */
  changed(incident: Incident, change: IncidentChange): void {
    if (this.#peers.length === 0) return
    const kept = this.#kept.get(incident.id)
    if (change === 'opened' || kept === undefined) {
      if (change === 'opened' || incident.state === 'open') this.#open(incident)
      return
    }
    const news = kept.incident.title !== incident.title
    kept.incident = incident
    if (incident.state !== 'open') this.#end(kept, Date.parse(incident.resolved_at ?? incident.updated_at))
    else if (news) this.#sendAll([incident.id])
  }

  statuses(): DeliveryStatus[] {
    return this.#peers.map((peer) => peer.status())
  }

  #open(incident: Incident): void {
    if (this.#kept.size >= this.#options.maxAlerts) {
      this.#metrics.dropped.inc({ peer: 'all', reason: 'too_many' })
      return
    }
    const alert: OutgoingAlert = {
      incidentId: incident.id,
      labels: labelsOf(incident, this.#options.labels),
      startsMs: Date.parse(incident.started_at),
      endsMs: null,
    }
    const kept: Kept = { alert, incident, accepted: new Set() }
    this.#kept.set(incident.id, kept)
    const ready = (labels: OutgoingAlert['labels']) => {
      kept.alert = { ...kept.alert, labels }
      this.#sendAll([incident.id])
    }
    this.#write(
      this.#outbox.open(alert).then(
        (stored) => ready(stored.labels),
        (error: unknown) => {
          // Better an alert that a restart cannot end than none: it expires.
          this.#log.error({ err: error, incident: incident.id }, 'alert not stored; sent all the same')
          ready(alert.labels)
        },
      ),
    )
  }

  #end(kept: Kept, endsMs: number): void {
    if (kept.alert.endsMs !== null) return
    kept.alert = { ...kept.alert, endsMs }
    this.#sendAll([kept.alert.incidentId])
    this.#write(
      this.#outbox.end(kept.alert.incidentId, endsMs).catch((error: unknown) => {
        this.#log.error({ err: error, incident: kept.alert.incidentId }, 'end of alert not stored')
      }),
    )
  }

  async #restore(alert: OutgoingAlert): Promise<void> {
    if (this.#kept.has(alert.incidentId)) return
    const incident = await this.#incidents.get(alert.incidentId)
    if (incident === undefined) {
      await this.#outbox.end(alert.incidentId, this.#clock())
      return
    }
    const kept: Kept = { alert, incident, accepted: new Set(this.#peers.map(({ name }) => name)) }
    this.#kept.set(incident.id, kept)
    if (incident.state === 'open' || alert.endsMs !== null) this.#sendAll([incident.id])
    else this.#end(kept, Date.parse(incident.resolved_at ?? incident.updated_at))
  }

  #resendAll(): void {
    const nowMs = this.#clock()
    for (const [id, { alert }] of this.#kept) {
      if (alert.endsMs !== null && alert.endsMs + this.#keepMs() < nowMs) this.#kept.delete(id)
    }
    this.#sendAll(this.#kept.keys())
  }

  #sendAll(ids: Iterable<string>): void {
    const all = [...ids]
    for (const peer of this.#peers) peer.send(all)
  }

  #peer(url: string, index: string): Peer {
    const { credentials, timeoutMs, externalUrl, resendIntervalMs, feedback } = this.#options
    const name = `alertmanager/${index}`
    const lines = new Map<FailureReason, RareLine>()
    const lineOf = (reason: FailureReason) => {
      const line = lines.get(reason) ?? new RareLine(this.#clock)
      lines.set(reason, line)
      return line
    }
    return new Peer(name, {
      clock: this.#clock,
      compose: (id) => {
        const kept = this.#kept.get(id)
        if (kept === undefined) return undefined
        const expiresMs = this.#clock() + Math.max(SHORTEST_LIFE_MS, RESENDS_TO_EXPIRE * resendIntervalMs)
        return toPostable(kept.alert, kept.incident, { externalUrl, expiresMs, feedback })
      },
      post: (alerts, signal) => postAlerts(url, alerts, { credentials, timeoutMs, signal }),
      accepted: (ids) => {
        this.#metrics.sent.inc({ peer: index }, ids.length)
        for (const id of ids) this.#firstAcceptance(id, name, index)
      },
      failed: (reason, message, alerts, lost) => {
        this.#metrics.failed.inc({ peer: index, reason }, alerts)
        if (lost) this.#metrics.dropped.inc({ peer: index, reason })
        const failures = lineOf(reason).due()
        if (failures > 0)
          this.#log.warn(
            { peer: index, reason, message, alerts, failures },
            'Alertmanager did not take alerts',
          )
      },
    })
  }

  #firstAcceptance(id: string, name: string, peer: string): void {
    const kept = this.#kept.get(id)
    if (kept === undefined || kept.accepted.has(name)) return
    kept.accepted.add(name)
    this.#delivered?.(id, name, this.#clock())
    this.#metrics.latency.observe(
      { peer },
      Math.max(0, this.#clock() - Date.parse(kept.incident.opened_at)) / 1000,
    )
  }

  #keepMs(): number {
    return RESENDS_AFTER_END * this.#options.resendIntervalMs
  }

  #write(write: Promise<unknown>): void {
    this.#writes = Promise.all([this.#writes, write])
  }
}
