import type { Incident } from '@adf/contract'
import type { Component, Logger } from '@adf/service'
import { Counter, Histogram, type Registry } from 'prom-client'
import type { AlertHub } from './api/alerts/hub.ts'
import type { IncidentChange } from './incident/ports.ts'
import type { PipelineOutputs } from './pipeline.ts'
import type { Store } from './store/store.ts'
import type { Clock } from './telemetry/clock.ts'

export interface OutputDeps {
  readonly store: Pick<Store, 'anomalies' | 'incidents'>
  readonly hub: Pick<AlertHub, 'publish'>
  /** Called once the incident is committed. */
  readonly alert: (incident: Incident, change: IncidentChange) => void
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Pick<Logger, 'error' | 'info'>
}

/** A database that refuses everything fills no log. */
const LOG_EVERY_MS = 10_000

/** Stores and publishes what the pipeline finds. Writes begin in order and at once; stop() waits for those under way. */
export function createOutputs(deps: OutputDeps): PipelineOutputs & Component {
  const { store, hub, clock, log } = deps
  const metrics = createMetrics(deps.registry)
  const under = new Set<Promise<unknown>>()
  let loggedMs = Number.NEGATIVE_INFINITY

  const lost = (what: string, error: unknown) => {
    metrics.lost.inc({ what })
    if (clock() - loggedMs < LOG_EVERY_MS) return
    loggedMs = clock()
    log.error({ err: error, what }, 'not stored; see adf_store_lost_total')
  }
  const begin = (work: Promise<unknown>) => {
    under.add(work)
    void work.finally(() => under.delete(work))
  }

  return {
    name: 'outputs',
    anomaly(anomaly, arrivalMs) {
      metrics.anomalies.inc({ stream: anomaly.stream, type: anomaly.type })
      const stored = store.anomalies.add(anomaly).catch((error: unknown) => lost('anomaly', error))
      const published = hub.publish({ type: 'anomaly', data: anomaly }).then(() => {
        metrics.latency.observe(Math.max(0, clock() - arrivalMs) / 1000)
      })
      begin(Promise.all([stored, published]))
    },
    joined(incidentId, anomalyIds) {
      begin(
        store.anomalies.assign(incidentId, anomalyIds).catch((error: unknown) => lost('assignment', error)),
      )
    },
    incident(incident, change) {
      metrics.incidents.inc({ change })
      if (change !== 'updated')
        log.info(
          { incident: incident.id, change, causes: incident.causes.slice(0, 3).map((c) => c.service) },
          incident.title,
        )
      const stored = store.incidents.save(incident).catch((error: unknown) => lost('incident', error))
      const published = hub.publish({ type: 'incident', data: incident })
      begin(Promise.all([stored.then(() => deps.alert(incident, change)), published]))
    },
    left(reason) {
      metrics.left.inc({ reason })
    },
    failed(error) {
      metrics.rankingFailures.inc()
      log.error({ err: error }, 'ranking failed; the incident keeps the one it had')
    },
    async start() {},
    async stop() {
      await Promise.allSettled(under)
    },
  }
}

function createMetrics(registry: Registry) {
  const registers = [registry]
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
      help: 'Writes that the store refused, by what they held.',
      labelNames: ['what'],
      registers,
    }),
    rankingFailures: new Counter({
      name: 'adf_rca_failures_total',
      help: 'Rankings that failed.',
      registers,
    }),
  }
}
