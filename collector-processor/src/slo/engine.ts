import type { SloReport } from '@adf/contract'
import type { Component, Logger } from '@adf/service'
import type { Registry } from 'prom-client'
import type { AlertOutbox, OutgoingAlert, SloStore } from '../store/store.ts'
import type { MetricBatch, SpanBatch } from '../telemetry/batch.ts'
import type { Clock } from '../telemetry/clock.ts'
import { Book, type Defaults } from './book.ts'
import { type AlertSink, annotationsOf, BurnAlerts, isBurnAlert } from './burn-alerts.ts'
import { Counting } from './counting.ts'
import type { Subject } from './firing.ts'
import { HOUR_MS, MINUTE_MS } from './measure.ts'
import { sloMetrics } from './metrics.ts'
import { indicatorKey, type Objective } from './objective.ts'
import { MAX_PERIOD_DAYS } from './period.ts'
import { statusOf } from './report.ts'
import { SourceChoice } from './source.ts'
import { WINDOW_MINUTES } from './windows.ts'

const EVALUATE_MS = 5000
const DAY_MS = 24 * HOUR_MS

export interface SloOptions {
  readonly objectives: readonly Objective[]
  readonly defaults: Defaults
  readonly maxServices: number
  readonly maxSeries: number
  readonly saveIntervalMs: number
  /** Whose burn rates alert: `named` are objectives of documents and of the configuration. */
  readonly alerts: 'none' | 'named' | 'all'
}

export interface SloDeps {
  readonly store: SloStore
  readonly outbox: Pick<AlertOutbox, 'pending' | 'end'>
  readonly sink: AlertSink
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

/**
 * Service-level objectives: counts requests, keeps the counts over restarts, raises burn-rate alerts. Independent of
 * scoring: it sees telemetry and its own counts only.
 */
export class SloEngine implements Component {
  readonly name = 'slo'
  readonly #options: SloOptions
  readonly #deps: SloDeps
  readonly #book: Book
  readonly #counting: Counting
  readonly #alerts: BurnAlerts
  readonly #metrics: ReturnType<typeof sloMetrics>
  #timers: NodeJS.Timeout[] = []
  #saving: Promise<void> | undefined
  #forgotMs = Number.NEGATIVE_INFINITY
  #failing = false

  constructor(options: SloOptions, deps: SloDeps) {
    this.#options = options
    this.#deps = deps
    const nowMs = deps.clock()
    this.#book = new Book({ ...options, nowMs })
    this.#metrics = sloMetrics(deps.registry, () => this.#book.objectives(), deps.clock)
    this.#counting = new Counting({
      book: this.#book,
      maxSeries: options.maxSeries,
      nowMs,
      uncounted: this.#metrics.uncounted,
    })
    this.#alerts = new BurnAlerts(deps.sink, ({ change, objective, alert }) => {
      this.#metrics.alerts.inc({ severity: alert.severity, change })
      const about = {
        slo: objective.name,
        service: objective.service,
        severity: alert.severity,
        window: alert.long,
      }
      if (change === 'fired') deps.log.warn(about, 'the error budget burns too fast')
      else deps.log.info(about, 'the error budget does not burn too fast any more')
    })
  }

  /** Takes up the counts and alerts of the process before. */
  async start(): Promise<void> {
    const { store, outbox, clock } = this.#deps
    const nowMs = clock()
    for (const { service: name, indicator, sinceMs, metricsUntilMs } of await store.indicators()) {
      const service = this.#book.service(name, nowMs)
      const measure = service?.measures.get(indicator)
      if (service === undefined || measure === undefined) continue
      measure.sinceMs = Math.min(nowMs, sinceMs)
      if (metricsUntilMs !== null && metricsUntilMs > service.source.untilMs)
        service.source = new SourceChoice(metricsUntilMs)
      for (const saved of await store.counts(name, indicator)) measure.restore(saved)
    }
    for (const alert of await outbox.pending(Number.POSITIVE_INFINITY)) {
      if (!isBurnAlert(alert.incidentId) || alert.endsMs !== null) continue
      const subject = this.#subjectOf(alert)
      if (subject !== undefined && this.#alerts.restore(alert, subject)) continue
      await outbox.end(alert.incidentId, nowMs).catch((error: unknown) => {
        this.#deps.log.error({ err: error, alert: alert.incidentId }, 'end of alert not stored')
      })
    }
    this.#timers = [
      setInterval(() => this.tick(clock()), EVALUATE_MS).unref(),
      setInterval(() => void this.save(), this.#options.saveIntervalMs).unref(),
    ]
  }

  /** Saves what is not saved yet. Alerts go on firing until the next start, or expire. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#saving
    await this.save()
  }

  /** A batch that the causal graph has seen. */
  spans(batch: SpanBatch, arrivalMs: number): void {
    this.#counting.spans(batch, arrivalMs)
  }

  metrics(batch: MetricBatch, arrivalMs: number): void {
    this.#counting.metrics(batch, arrivalMs)
  }

  /** Judges every objective, and now and then forgets what is old. */
  tick(nowMs: number): void {
    for (const subject of this.#book.objectives())
      if (this.#alerting(subject.objective)) this.#alerts.evaluate(subject, nowMs)
    if (Math.abs(nowMs - this.#forgotMs) >= HOUR_MS) {
      this.#forgotMs = nowMs
      void this.#forget(nowMs)
    }
  }

  /** Saves what changed. What cannot be saved is kept, and is saved next time. */
  save(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** Saves what changed until now; unlike `save`, it rejects when it could not. */
  async saveAll(): Promise<void> {
    await this.#saving
    await this.save()
    if (this.#failing) throw new Error('the counts of SLOs could not be saved')
  }

  report(): SloReport {
    const nowMs = this.#deps.clock()
    return {
      at: new Date(nowMs).toISOString(),
      objectives: [...this.#book.objectives()].map((subject) =>
        statusOf(subject, this.#alerts.of(subject.objective), this.#alerting(subject.objective), nowMs),
      ),
    }
  }

  /** What an alert of ours says to people now; undefined when its objective is gone. */
  annotations(alert: OutgoingAlert): Record<string, string> | undefined {
    const subject = this.#subjectOf(alert)
    return subject && annotationsOf(subject, alert.labels['window'], this.#deps.clock())
  }

  #subjectOf({ labels }: OutgoingAlert): Subject | undefined {
    for (const subject of this.#book.objectives()) {
      const { name, service } = subject.objective
      if (name === labels['slo'] && service === labels['service'] && this.#alerting(subject.objective))
        return subject
    }
    return undefined
  }

  #alerting({ origin }: Objective): boolean {
    const { alerts } = this.#options
    return alerts === 'all' || (alerts === 'named' && origin !== 'default')
  }

  /** All that changed, in one transaction: counts of minutes and of hours never tell different stories. */
  async #save(): Promise<void> {
    const changes = [...this.#book.services.values()].flatMap(({ service, source, measures }) =>
      [...measures.values()].flatMap((measure) => {
        const counts = measure.takeChanged()
        if (counts.length === 0) return []
        const indicator = indicatorKey(measure.indicator)
        const metricsUntilMs = Number.isFinite(source.untilMs) ? source.untilMs : null
        return [{ measure, row: { service, indicator, sinceMs: measure.sinceMs, metricsUntilMs, counts } }]
      }),
    )
    if (changes.length === 0) return
    try {
      await this.#deps.store.save(changes.map(({ row }) => row))
      this.#metrics.saves.inc({ outcome: 'saved' })
      this.#failing = false
    } catch (error) {
      for (const { measure, row } of changes) measure.keep(row.counts)
      this.#metrics.saves.inc({ outcome: 'failed' })
      if (!this.#failing) this.#deps.log.error({ err: error }, 'counts of SLOs not saved; trying again later')
      this.#failing = true
    }
  }

  async #forget(nowMs: number): Promise<void> {
    const hoursMs = nowMs - MAX_PERIOD_DAYS * DAY_MS - HOUR_MS
    this.#counting.forget(nowMs)
    this.#book.forget(hoursMs, nowMs)
    try {
      const before = { minutesMs: nowMs - WINDOW_MINUTES['3d'] * MINUTE_MS, hoursMs }
      while ((await this.#deps.store.forget(before)) > 0);
    } catch (error) {
      this.#deps.log.error({ err: error }, 'could not delete old counts of SLOs; trying again later')
    }
  }
}
