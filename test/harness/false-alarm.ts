import type { AnomalyPage, Incident, ScoreAnswer } from '@adf/contract'
import { until } from './process.ts'

/** A server of the stream `server_metrics` on an ordinary day. */
const USUAL = { cpu: 30, latency: 80, error_rate: 0.004 }
/** By how much the severity is over the threshold: two steps of the tuner at the most. */
const OVER = [0.02, 0.1] as const
/** Under the fixed limit of memory: what is over that is told whatever the threshold. */
const MEMORY = [45, 94] as const

/**
 * An incident of a server that is odd by so little that nobody would want to be told: twice in a row its memory is just over what its
 * threshold lets pass.
 */
export async function raiseFalseAlarm(api: string, server: string): Promise<Incident> {
  const memory = await readingJustOver(api, server)
  // The events of one request are judged one after the other, with none of the same server between them.
  const event = { server, timestamp: Date.now(), ...USUAL, memory }
  await post(`${api}/api/events/server_metrics`, [event, { ...event, timestamp: event.timestamp + 1 }])
  const id = await until('an incident of the server', async () => {
    const { items } = await get<AnomalyPage>(`${api}/api/anomalies?stream=server_metrics&entity=${server}`)
    return items[0]?.incident_id ?? undefined
  })
  return get<Incident>(`${api}/api/incidents/${id}`)
}

async function readingJustOver(api: string, server: string): Promise<number> {
  let [low, high]: [number, number] = [...MEMORY]
  for (let n = 0; n < 60; n++) {
    const memory = (low + high) / 2
    const features = { ...USUAL, memory }
    const asked = { stream: 'server_metrics', entity: server, features }
    const { severity, threshold } = await post<ScoreAnswer>(`${api}/api/anomaly`, asked)
    if (severity === null) throw new Error(`${server} is not scored yet`)
    const over = severity - threshold
    if (over >= OVER[0] && over <= OVER[1]) return memory
    if (over < OVER[0]) low = memory
    else high = memory
  }
  throw new Error(`no reading of the memory of ${server} is just over its threshold`)
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

async function post<T>(url: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
