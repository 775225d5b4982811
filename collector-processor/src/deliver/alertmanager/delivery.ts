import type { DeliveryStatus, Incident } from '@adf/contract'
import type { Component, Logger } from '@adf/service'
import type { Registry } from 'prom-client'
import type { IncidentChange } from '../../incident/ports.ts'
import type { AlertOutbox, IncidentStore, OutgoingAlert } from '../../store/store.ts'
import { RareLine } from '../rare-line.ts'
import { labelsOf, type PostableAlert, toPostable, toPostableOther } from './alert.ts'
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

/** Alerts that are of no incident. */
export interface OtherAlerts {
  /** By the id of an alert. */
  owns(id: string): boolean
  /** What it says to people now; undefined when there is nothing to say any more. */
  annotations(alert: OutgoingAlert): Readonly<Record<string, string>> | undefined
  /** Path under the external URL where more is told. */
  readonly path: string
}

const NO_OTHERS: OtherAlerts = { owns: () => false, annotations: () => undefined, path: '' }

interface Kept {
  alert: OutgoingAlert
  /** undefined: it is one of the others. */
  incident: Incident | undefined
  readonly openedMs: number
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
  readonly #others: OtherAlerts
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
    others?: OtherAlerts
  }) {
    const { options, clock, log } = parts
    this.#options = { maxAlerts: 5000, ...options }
    this.#outbox = parts.outbox
    this.#incidents = parts.incidents
    this.#clock = clock
    this.#log = log
    this.#delivered = parts.delivered
    this.#others = parts.others ?? NO_OTHERS
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
    const news = kept.incident?.title !== incident.title
    kept.incident = incident
    if (incident.state !== 'open') this.#end(kept, Date.parse(incident.resolved_at ?? incident.updated_at))
    else if (news) this.#sendAll([incident.id])
  }

  /** An alert that is of no incident. It is kept and sent whatever else there is: who raises such ones bounds them. */
  raise(alert: OutgoingAlert): void {
    if (this.#peers.length === 0) return
    const labels = { ...this.#options.labels, ...alert.labels }
    this.#keep({ ...alert, labels }, undefined, alert.startsMs)
  }

  /** The end of an alert that was raised. */
  end(id: string, endsMs: number): void {
    const kept = this.#kept.get(id)
    if (kept !== undefined) this.#end(kept, endsMs)
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
    this.#keep(alert, incident, Date.parse(incident.opened_at))
  }

  /** Commits its labels, then sends it. */
  #keep(alert: OutgoingAlert, incident: Incident | undefined, openedMs: number): void {
    const id = alert.incidentId
    const kept: Kept = { alert, incident, openedMs, accepted: new Set() }
    this.#kept.set(id, kept)
    const ready = (labels: OutgoingAlert['labels']) => {
      kept.alert = { ...kept.alert, labels }
      this.#sendAll([id])
    }
    this.#write(
      this.#outbox.open(alert).then(
        (stored) => ready(stored.labels),
        (error: unknown) => {
          // Better an alert that a restart cannot end than none: it expires.
          this.#log.error({ err: error, alert: id }, 'alert not stored; sent all the same')
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
        this.#log.error({ err: error, alert: kept.alert.incidentId }, 'end of alert not stored')
      }),
    )
  }

  async #restore(alert: OutgoingAlert): Promise<void> {
    if (this.#kept.has(alert.incidentId)) return
    const accepted = new Set(this.#peers.map(({ name }) => name))
    if (this.#others.owns(alert.incidentId)) {
      this.#kept.set(alert.incidentId, { alert, incident: undefined, openedMs: alert.startsMs, accepted })
      return this.#sendAll([alert.incidentId])
    }
    const incident = await this.#incidents.get(alert.incidentId)
    if (incident === undefined) {
      await this.#outbox.end(alert.incidentId, this.#clock())
      return
    }
    const kept: Kept = { alert, incident, openedMs: Date.parse(incident.opened_at), accepted }
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
    const { credentials, timeoutMs } = this.#options
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
        return kept && this.#compose(kept)
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

  #compose({ alert, incident }: Kept): PostableAlert {
    const { externalUrl, resendIntervalMs, feedback } = this.#options
    const expiresMs = this.#clock() + Math.max(SHORTEST_LIFE_MS, RESENDS_TO_EXPIRE * resendIntervalMs)
    if (incident !== undefined) return toPostable(alert, incident, { externalUrl, expiresMs, feedback })
    const link = `${externalUrl.replace(/\/+$/, '')}${this.#others.path}`
    return toPostableOther(alert, this.#others.annotations(alert) ?? {}, { link, expiresMs })
  }

  #firstAcceptance(id: string, name: string, peer: string): void {
    const kept = this.#kept.get(id)
    if (kept === undefined || kept.accepted.has(name)) return
    kept.accepted.add(name)
    if (kept.incident !== undefined) this.#delivered?.(id, name, this.#clock())
    this.#metrics.latency.observe({ peer }, Math.max(0, this.#clock() - kept.openedMs) / 1000)
  }

  #keepMs(): number {
    return RESENDS_AFTER_END * this.#options.resendIntervalMs
  }

  #write(write: Promise<unknown>): void {
    this.#writes = Promise.all([this.#writes, write])
  }
}
