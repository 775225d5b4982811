import type { Anomaly, Incident } from '@adf/contract'
import type { Component, Logger } from '@adf/service'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Alert, AlertHub } from './api/alerts/hub.ts'
import type { IncidentChange } from './incident/ports.ts'
import type { PipelineOutputs } from './pipeline.ts'
import { Backlog, type KeptWrite } from './store/backlog.ts'
import { Fenced, type Found } from './store/shard.ts'
import type { Store } from './store/store.ts'
import type { Clock } from './telemetry/clock.ts'

export interface OutputDeps {
  readonly store: Pick<Store, 'anomalies' | 'incidents' | 'incidentHistory' | 'fault'>
  readonly hub: Pick<AlertHub, 'publish'>
  /** Called once the incident is committed, or cannot be. */
  readonly alert: (incident: Incident, change: IncidentChange) => void
  /** Told when something was found in a shard that another process has by now. */
  readonly fenced?: (shard: string) => void
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Pick<Logger, 'error' | 'info'>
}

/** A database that refuses everything fills no log. */
const LOG_EVERY_MS = 10_000

export interface Outputs extends PipelineOutputs, Component {
  /** @param found of a shard: published once it is stored, since another process may have the shard by now */
  anomaly(anomaly: Anomaly, arrivalMs: number, first: boolean, found?: Found): void
  /** A change of an incident that is stored. */
  reduced(incident: Incident, change: IncidentChange): void
  /** To be called when the store can be written again: what was found meanwhile is stored and published then. */
  storeWritable(): void
  /** Resolves once all that was told until now is stored; rejects when some of it waits. */
  settled(): Promise<void>
}

/**
 * Stores and publishes what the pipeline finds. Writes begin in order and at once, or wait while the store takes none; stop()
 * waits for those under way.
 */
export function createOutputs(deps: OutputDeps): Outputs {
  const { store, hub, clock, log } = deps
  const under = new Set<Promise<unknown>>()
  let assignments = 0
  let entries = 0
  let loggedMs = Number.NEGATIVE_INFINITY

  const lost = (what: KeptWrite['what'], error: unknown) => {
    if (error instanceof Fenced) {
      metrics.fenced.inc()
      deps.fenced?.(error.shard)
      return
    }
    metrics.lost.inc({ what })
    if (clock() - loggedMs < LOG_EVERY_MS) return
    loggedMs = clock()
    log.error({ err: error, what }, 'not stored; see adf_store_lost_total')
  }
  const backlog = new Backlog({ store, lost })
  const metrics = createMetrics(deps.registry, () => backlog.waiting)
  const begin = (work: Promise<unknown>) => {
    under.add(work)
    void work.finally(() => under.delete(work))
  }

  /** Messages have their place in the store too: one that would be lost is published once its subject is stored. */
  const publish = (alert: Alert) => (store.fault() === undefined ? hub.publish(alert) : undefined)

  const note = (incident: Incident, change: IncidentChange) => {
    metrics.incidents.inc({ change })
    if (change === 'updated') return
    const causes = incident.causes.slice(0, 3).map(({ service }) => service)
    log.info({ incident: incident.id, change, causes }, incident.title)
  }

  return {
    name: 'outputs',
    anomaly(anomaly, arrivalMs, _first, found) {
      metrics.anomalies.inc({ stream: anomaly.stream, type: anomaly.type })
      const alert: Alert = { type: 'anomaly', data: anomaly }
      const stored = backlog.write({
        key: `anomaly ${anomaly.id}`,
        what: 'anomaly',
        run: () => store.anomalies.add(anomaly, found),
        late: () => hub.publish(alert),
      })
      const tell = () =>
        publish(alert)?.then(() => {
          metrics.latency.observe(Math.max(0, clock() - arrivalMs) / 1000)
        })
      begin(
        found === undefined
          ? Promise.all([stored, tell()])
          : stored.then((done) => (done ? tell() : undefined)),
      )
    },
    joined(incidentId, anomalyIds) {
      begin(
        backlog.write({
          key: `assignment ${++assignments}`,
          what: 'assignment',
          run: () => store.anomalies.assign(incidentId, anomalyIds),
          late: () => undefined,
        }),
      )
    },
    happened(incidentId, { atMs, kind, subject, text }) {
      const entry = { at: new Date(atMs).toISOString(), kind, subject: subject === '' ? null : subject, text }
      begin(
        backlog.write({
          key: `history ${++entries}`,
          what: 'history',
          run: async () => {
            if (!(await store.incidentHistory.note(incidentId, entry))) metrics.lost.inc({ what: 'history' })
          },
          late: () => undefined,
        }),
      )
    },
    incident(incident, change) {
      note(incident, change)
      const alert: Alert = { type: 'incident', data: incident }
      const stored = backlog.write({
        key: `incident ${incident.id}`,
        what: 'incident',
        run: () => store.incidents.save(incident),
        late: () => hub.publish(alert),
      })
      // Stored or not: the one on call must know.
      begin(Promise.all([stored.then(() => deps.alert(incident, change)), publish(alert)]))
    },
    reduced(incident, change) {
      note(incident, change)
      deps.alert(incident, change)
      begin(Promise.resolve(publish({ type: 'incident', data: incident })))
    },
    left(reason) {
      metrics.left.inc({ reason })
    },
    failed(error) {
      metrics.rankingFailures.inc()
      log.error({ err: error }, 'ranking failed; the incident keeps the one it had')
    },
    storeWritable() {
      begin(backlog.retry())
    },
    async settled() {
      await Promise.allSettled([...under])
      if (backlog.waiting > 0) throw new Error(`${backlog.waiting} findings wait for the store`)
    },
    async start() {},
    async stop() {
      await Promise.allSettled(under)
      await backlog.end()
    },
  }
}

function createMetrics(registry: Registry, waiting: () => number) {
  const registers = [registry]
  new Gauge({
    name: 'adf_store_waiting_writes',
    help: 'Writes that wait until the store can be written again.',
    registers,
    collect() {
      this.set(waiting())
    },
  })
  return {
    anomalies: new Counter({
      name: 'adf_anomalies_detected_total',
      help: 'Anomalies, by stream and type.',
      labelNames: ['stream', 'type'],
      registers,
    }),
    latency: new Histogram({
      name: 'adf_detection_latency_seconds',
      help: 'From the arrival of the last sample of a vector to the publication of its anomaly.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    incidents: new Counter({
      name: 'adf_incident_changes_total',
      help: 'Changes of incidents: opened, updated, merged, resolved.',
      labelNames: ['change'],
      registers,
    }),
    left: new Counter({
      name: 'adf_incident_anomalies_left_total',
      help: 'Anomalies that no incident holds, by the bound that was reached.',
      labelNames: ['reason'],
      registers,
    }),
    lost: new Counter({
      name: 'adf_store_lost_total',
      help: 'Findings that were not stored, by kind: too many waited, or the store refused them.',
      labelNames: ['what'],
      registers,
    }),
    fenced: new Counter({
      name: 'adf_store_fenced_total',
      help: 'Anomalies that were not stored since another processor has their shard by now, which finds them itself.',
      registers,
    }),
    rankingFailures: new Counter({
      name: 'adf_rca_failures_total',
      help: 'Rankings that failed.',
      registers,
    }),
  }
}
