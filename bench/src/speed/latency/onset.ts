import { setTimeout as sleep } from 'node:timers/promises'
import type { Load } from './load.ts'
import type { LatencySetting } from './setting.ts'

const LOOK_EVERY_MS = 10
const PATIENCE_MS = 20_000
/** Between the alert of one and the onset of the next. */
const REST_MS = 500

interface Alertmanager {
  alerts(): Promise<readonly { readonly labels: Record<string, string> }[]>
}

/** From the first odd vector of an entity to its alert at Alertmanager, ms, one entity after the other until the time is over; Infinity for an alert that does not come. */
export async function onsetsUntil(
  deadlineMs: number,
  load: Load,
  alertmanager: Alertmanager,
  { entities, flapping }: LatencySetting,
): Promise<number[]> {
  const took: number[] = []
  for (let number = 0; Date.now() < deadlineMs; number++) {
    const known = new Set((await alertmanager.alerts()).map(incidentOf))
    const onset = await load.odd(flapping + ((number * 37) % (entities - flapping)))
    took.push((await newAlertAfter(onset, known, alertmanager)) - onset)
    await load.usual()
    await sleep(REST_MS)
  }
  return took
}

async function newAlertAfter(onset: number, known: ReadonlySet<string>, alertmanager: Alertmanager) {
  while (Date.now() - onset < PATIENCE_MS) {
    const alerts = await alertmanager.alerts()
    if (alerts.some((alert) => !known.has(incidentOf(alert)))) return Date.now()
    await sleep(LOOK_EVERY_MS)
  }
  return Number.POSITIVE_INFINITY
}

const incidentOf = ({ labels }: { readonly labels: Record<string, string> }) => labels['incident'] ?? ''
