import { Counter, Gauge, type Registry } from 'prom-client'

/** What a gauge reads at a scrape. */
export interface MetricSources {
  firing(): Promise<number>
  undelivered(): Promise<number>
  lastNotifiedMs(): Promise<number | undefined>
}

/** What came of a request with a notification. */
export type NotificationOutcome =
  | 'stored'
  | 'known'
  | 'malformed'
  | 'too_large'
  | 'unauthorized'
  | 'shed'
  | 'unwritable'
  | 'failed'

/** Metrics of the webhook. Labels are fixed words and places in lists of the configuration; never what a notification says. */
export class WebhookMetrics {
  readonly notifications: Counter<'outcome'>
  readonly alerts: Counter<'outcome'>
  readonly truncated: Counter
  readonly polls: Counter<'peer' | 'outcome'>
  readonly silent: Counter
  readonly forgotten: Counter<'what'>

  constructor(registry: Registry) {
    const registers = [registry]
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter({ name, help, labelNames, registers })
    this.notifications = counter(
      'adf_webhook_notifications_total',
      'Notifications by outcome: `stored` said something new, `known` did not, the others were refused.',
      ['outcome'],
    )
    this.alerts = counter(
      'adf_webhook_alerts_total',
      'Alerts in notifications by outcome: fired, resolved, known, late (its end was told before), conflicting (labels that are not those of its fingerprint).',
      ['outcome'],
    )
    this.truncated = counter(
      'adf_webhook_truncated_alerts_total',
      'Alerts that Alertmanager left out of notifications, by `max_alerts` of its receiver.',
      [],
    )
    this.polls = counter(
      'adf_webhook_alertmanager_polls_total',
      'Questions to Alertmanagers for silences, by place in the configuration and outcome: ok, failed, cut (more than is looked at).',
      ['peer', 'outcome'],
    )
    this.silent = counter(
      'adf_webhook_silent_alerts_total',
      'Alerts that are taken for over, since nothing was heard of them for `webhook.end_silent_after`.',
      [],
    )
    this.forgotten = counter('adf_webhook_forgotten_total', 'Rows that retention deleted, by table.', [
      'what',
    ])
    for (const outcome of [
      'stored',
      'known',
      'malformed',
      'too_large',
      'unauthorized',
      'shed',
      'unwritable',
      'failed',
    ])
      this.notifications.inc({ outcome }, 0)
  }

  /** Gauges, once it is there what they read. */
  observe(registry: Registry, sources: MetricSources): void {
    const registers = [registry]
    // A store that cannot be read says so elsewhere; it must not take all metrics with it.
    const quietly = async (read: () => Promise<void>) => void (await read().catch(() => {}))
    new Gauge({
      name: 'adf_webhook_alerts_firing',
      help: 'Alerts that fire.',
      registers,
      collect() {
        return quietly(async () => this.set(await sources.firing()))
      },
    })
    new Gauge({
      name: 'adf_webhook_undelivered_verdicts',
      help: 'Words of operators that the processor does not have yet.',
      registers,
      collect() {
        return quietly(async () => this.set(await sources.undelivered()))
      },
    })
    new Gauge({
      name: 'adf_webhook_last_notification_timestamp_seconds',
      help: 'When the latest notification was stored; 0: none yet.',
      registers,
      collect() {
        return quietly(async () => this.set(((await sources.lastNotifiedMs()) ?? 0) / 1000))
      },
    })
  }
}
