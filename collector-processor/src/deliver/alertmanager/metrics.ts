import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** `peer` is the place in the list of configured Alertmanagers. */
export function alertmanagerMetrics(registry: Registry, pending: () => Iterable<readonly [string, number]>) {
  const registers = [registry]
  new Gauge({
    name: 'adf_alertmanager_pending_alerts',
    help: 'Alerts that wait to be sent to this Alertmanager.',
    labelNames: ['peer'],
    registers,
    collect() {
      for (const [peer, count] of pending()) this.set({ peer }, count)
    },
  })
  return {
    sent: new Counter({
      name: 'adf_alertmanager_sent_alerts_total',
      help: 'Alerts that this Alertmanager accepted, resends included.',
      labelNames: ['peer'],
      registers,
    }),
    failed: new Counter({
      name: 'adf_alertmanager_failed_alerts_total',
      help: 'Alerts in requests that failed; all but the reason rejected are tried again.',
      labelNames: ['peer', 'reason'],
      registers,
    }),
    dropped: new Counter({
      name: 'adf_alertmanager_dropped_alerts_total',
      help: 'Alerts given up: rejected by this Alertmanager, or more at once than are kept (peer all).',
      labelNames: ['peer', 'reason'],
      registers,
    }),
    latency: new Histogram({
      name: 'adf_alertmanager_latency_seconds',
      help: 'From the opening of an incident, or the firing of a burn-rate alert, to the first acceptance of its alert by this Alertmanager.',
      labelNames: ['peer'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
      registers,
    }),
  }
}
