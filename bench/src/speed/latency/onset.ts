import { setTimeout as sleep } from 'node:timers/promises'
import type { AnomalyPage } from '@adf/contract'
import type { RunningAdf } from '../../../../test/harness/adf.ts'
import type { startAlertmanager } from '../../../../test/harness/alertmanager.ts'
import type { Load } from './load.ts'
import { entityId, type LatencySetting } from './setting.ts'

const LOOK_EVERY_MS = 10
/** An alert that has not come by then counts as one that took so long. */
const PATIENCE_MS = 20_000
/** Between the alert of one and the onset of the next. */
const REST_MS = 500

/** Where telemetry goes in and where alerts come out. */
export interface Path {
  readonly load: Load
  readonly adf: Pick<RunningAdf, 'json'>
  readonly alertmanager: Pick<Awaited<ReturnType<typeof startAlertmanager>>, 'alerts'>
}

/** From the first odd vector of an entity to the alert of an incident that it is in, ms, one entity after the other until the time is over. */
export async function onsetsUntil(
  deadlineMs: number,
  path: Path,
  { entities, flapping }: LatencySetting,
): Promise<number[]> {
  const took: number[] = []
  for (let number = 0; Date.now() < deadlineMs; number++) {
    const known = new Set(await incidentsOfAlerts(path))
    const entity = flapping + ((number * 37) % (entities - flapping))
    const onset = await path.load.odd(entity)
    took.push((await alertOf(entity, onset, known, path)) - onset)
    await path.load.usual()
    await sleep(REST_MS)
  }
  return took
}

/** When the alert was seen. Others of a thousand entities get alerts too: it must be of an incident with an anomaly of this one. */
async function alertOf(entity: number, onset: number, known: ReadonlySet<string>, path: Path) {
  const query = new URLSearchParams({ entity: entityId(entity), from: new Date(onset).toISOString() })
  while (Date.now() - onset < PATIENCE_MS) {
    const alerted = (await incidentsOfAlerts(path)).filter((incident) => !known.has(incident))
    const seenMs = Date.now()
    if (alerted.length > 0) {
      const { items } = await path.adf.json<AnomalyPage>(`/api/anomalies?${query}`)
      if (items.some(({ incident_id }) => incident_id !== null && alerted.includes(incident_id)))
        return seenMs
    }
    await sleep(LOOK_EVERY_MS)
  }
  return onset + PATIENCE_MS
}

const incidentsOfAlerts = async ({ alertmanager }: Path) =>
  (await alertmanager.alerts()).map(({ labels }) => labels['incident'] ?? '')
