import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The API's own metrics. Labels come from the contract's route names and fixed words only. */
export class ApiMetrics {
  readonly requests: Counter<'route' | 'status'>
  readonly latency: Histogram<'route'>
  readonly verdicts: Counter<'target' | 'verdict'>
  readonly alertClients: Gauge
  readonly alertMessages: Counter<'type'>
  readonly alertClosed: Counter<'reason'>
  readonly alertsLost: Counter<'type'>
  readonly #accuracy: Gauge

  constructor(registry: Registry, openIncidents: () => number) {
    const registers = [registry]
    this.requests = new Counter({
      name: 'adf_api_requests_total',
      help: 'Requests to the API, by route of the contract and status.',
      labelNames: ['route', 'status'],
      registers,
    })
    this.latency = new Histogram({
      name: 'adf_api_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labelNames: ['route'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
      registers,
    })
    this.verdicts = new Counter({
      name: 'adf_verdicts_total',
      help: "Operators' verdicts, revised ones included.",
      labelNames: ['target', 'verdict'],
      registers,
    })
    new Gauge({
      name: 'adf_incidents_open',
      help: 'Incidents that are open.',
      registers,
      collect() {
        this.set(openIncidents())
      },
    })
    this.alertClients = new Gauge({
      name: 'adf_alert_clients',
      help: 'Clients connected to /ws/alerts.',
      registers,
    })
    this.alertMessages = new Counter({
      name: 'adf_alert_messages_sent_total',
      help: 'Messages sent to clients of /ws/alerts.',
      labelNames: ['type'],
      registers,
    })
    this.alertClosed = new Counter({
      name: 'adf_alert_clients_closed_total',
      help: 'Connections to /ws/alerts that ended or were refused, by reason.',
      labelNames: ['reason'],
      registers,
    })
    this.alertsLost = new Counter({
      name: 'adf_alert_messages_lost_total',
      help: 'Alerts that could not be put into the log of /ws/alerts, and went to no client.',
      labelNames: ['type'],
      registers,
    })
    this.#accuracy = new Gauge({
      name: 'adf_rca_accuracy',
      help: 'Share of incidents with a verdict whose first-ranked cause the operator confirmed; NaN without verdicts.',
      registers,
    })
    this.#accuracy.set(Number.NaN)
  }

  setAccuracy({ judged, confirmed }: { judged: number; confirmed: number }): void {
    this.#accuracy.set(judged === 0 ? Number.NaN : confirmed / judged)
  }
}
