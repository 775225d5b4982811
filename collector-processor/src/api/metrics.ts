import { Counter, Gauge, type Registry } from 'prom-client'

interface RootCauseCounts {
  readonly judged: number
  readonly confirmed: number
}

/** The API's own metrics. Labels come from the contract's route names and fixed words only. */
export class ApiMetrics {
  readonly verdicts: Counter<'target' | 'verdict'>
  readonly verdictsWithdrawn: Counter<'target' | 'verdict'>
  readonly thresholdsRefused: Counter<'reason'>
  readonly alertClients: Gauge
  readonly alertMessages: Counter<'type'>
  readonly alertClosed: Counter<'reason'>
  readonly alertsLost: Counter<'type'>

  constructor(registry: Registry, openIncidents: () => number, rootCauses: () => Promise<RootCauseCounts>) {
    const registers = [registry]
    this.verdicts = new Counter({
      name: 'adf_verdicts_total',
      help: "Operators' verdicts, revised ones included.",
      labelNames: ['target', 'verdict'],
      registers,
    })
    this.verdictsWithdrawn = new Counter({
      name: 'adf_verdicts_withdrawn_total',
      help: "Operators' verdicts that were taken back.",
      labelNames: ['target', 'verdict'],
      registers,
    })
    this.thresholdsRefused = new Counter({
      name: 'adf_thresholds_refused_total',
      help: 'Changes of thresholds that were refused, by reason: conflict (another version), overridden (an operator holds it), too_many.',
      labelNames: ['reason'],
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
    accuracyMetrics(registry, rootCauses)
  }
}

/** From the store at each scrape: so they hold after a restart, and follow what retention takes. */
function accuracyMetrics(registry: Registry, rootCauses: () => Promise<RootCauseCounts>): void {
  // One question for the three of a scrape. A store that cannot be read says so elsewhere; it must not take all metrics with it.
  let asked: Promise<RootCauseCounts | undefined> | undefined
  const ask = () => {
    asked ??= rootCauses()
      .catch(() => undefined)
      .finally(() => {
        asked = undefined
      })
    return asked
  }
  const gauge = (name: string, help: string, value: (counts: RootCauseCounts) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const counts = await ask()
        if (counts !== undefined) this.set(value(counts))
      },
    })
  gauge(
    'adf_rca_judged_incidents',
    'Incidents with a verdict, within the retention of the store.',
    ({ judged }) => judged,
  )
  gauge(
    'adf_rca_confirmed_incidents',
    'Incidents whose first-ranked cause the operator confirmed, within the retention of the store.',
    ({ confirmed }) => confirmed,
  )
  gauge(
    'adf_rca_accuracy',
    'Share of incidents with a verdict whose first-ranked cause the operator confirmed; NaN without verdicts.',
    ({ judged, confirmed }) => (judged === 0 ? Number.NaN : confirmed / judged),
  )
}
