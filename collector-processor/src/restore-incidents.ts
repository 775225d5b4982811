import type { IncidentTracker } from './incident/tracker.ts'
import type { Store } from './store/store.ts'

/** Anomalies of a restored incident that are read back, so that it can be joined and ranked. */
const RESTORED_ANOMALIES = 200

/** Incidents that were open when the process that made them ended go on. Rejects when the store cannot be read. */
export async function restoreIncidents(
  { incidents, anomalies }: Pick<Store, 'incidents' | 'anomalies'>,
  tracker: Pick<IncidentTracker, 'restore'>,
): Promise<void> {
  for (const incident of await incidents.open()) {
    const page = await anomalies.page({ incident: incident.id, limit: RESTORED_ANOMALIES })
    tracker.restore(incident, page.items.toReversed())
  }
}
