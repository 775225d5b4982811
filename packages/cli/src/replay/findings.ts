import type { Anomaly, Incident } from '@adf/contract'
import type { IncidentChange, PipelineOutputs, Store } from '@adf/processor'

/** Incidents that are kept for the report. */
const MAX_INCIDENTS = 10_000
/** Writes that wait for the store at once. */
const MAX_PENDING = 2000

export interface Findings extends PipelineOutputs {
  readonly incidents: ReadonlyMap<string, Incident>
  readonly anomalies: number
  /** Anomalies that no incident could hold, and incidents past what the report keeps, by reason. */
  readonly lost: ReadonlyMap<string, number>
  /** Waits while too many writes are under way; `all`: for every one. Rejects with what the store said. */
  stored(all: boolean): Promise<void> | undefined
}

/** Takes what the pipeline finds: counts it, keeps the latest state of each incident, and writes it to the store if there is one. */
export function createFindings(
  store: Pick<Store, 'anomalies' | 'incidents' | 'incidentHistory'> | undefined,
  changed: (incident: Incident, change: IncidentChange) => void,
): Findings {
  const incidents = new Map<string, Incident>()
  const lost = new Map<string, number>()
  let anomalies = 0
  let writes: Promise<unknown>[] = []
  let failure: unknown
  const leave = (reason: string) => {
    lost.set(reason, (lost.get(reason) ?? 0) + 1)
  }
  const write = (promise: Promise<unknown> | undefined) => {
    if (promise === undefined) return
    writes.push(
      promise.catch((error: unknown) => {
        failure ??= error
      }),
    )
  }
  const settle = async () => {
    const under = writes
    writes = []
    await Promise.all(under)
    if (failure !== undefined) throw failure
  }
  return {
    incidents,
    lost,
    get anomalies() {
      return anomalies
    },
    anomaly(anomaly: Anomaly) {
      anomalies++
      write(store?.anomalies.add(anomaly))
    },
    happened(incidentId, { atMs, kind, subject, text }) {
      const at = new Date(atMs).toISOString()
      write(
        store?.incidentHistory.note(incidentId, { at, kind, subject: subject === '' ? null : subject, text }),
      )
    },
    joined: (incidentId, anomalyIds) => write(store?.anomalies.assign(incidentId, anomalyIds)),
    incident(incident, change) {
      if (incidents.size < MAX_INCIDENTS || incidents.has(incident.id)) incidents.set(incident.id, incident)
      else leave('report_full')
      write(store?.incidents.save(incident))
      changed(incident, change)
    },
    left: leave,
    failed: () => leave('ranking_failed'),
    stored: (all) => (writes.length > (all ? 0 : MAX_PENDING) ? settle() : undefined),
  }
}
