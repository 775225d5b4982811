import { setTimeout } from 'node:timers/promises'
import { EntityPage } from '@adf/contract'

/** How far back its past begins, of which a second passes with each collection. */
const HISTORY_MS = 480_000
/** Between two collections of the past: the processor takes at most 64 in a step. */
const PAUSE_MS = 50
const LOOK_EVERY = 20

/** OpenTelemetry host metrics of a quiet host, a collection a second of event time; the processor takes each for a vector. */
async function sendHostMetrics(
  endpoint: string,
  host: string,
  { atMs, cpu = 0.2 }: { atMs: number; cpu?: number },
): Promise<void> {
  const timeUnixNano = `${BigInt(Math.round(atMs)) * 1_000_000n}`
  const wobble = 0.02 * Math.sin(atMs / 3000)
  const point = (value: number, attributes: Record<string, string> = {}) => ({
    timeUnixNano,
    asDouble: value,
    attributes: Object.entries(attributes).map(([key, text]) => ({ key, value: { stringValue: text } })),
  })
  const gauge = (name: string, unit: string, ...dataPoints: object[]) => ({
    name,
    unit,
    gauge: { dataPoints },
  })
  const body = {
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'host.name', value: { stringValue: host } }] },
        scopeMetrics: [
          {
            scope: { name: 'hostmetrics' },
            metrics: [
              gauge(
                'system.cpu.utilization',
                '1',
                point(1 - cpu - wobble, { 'cpu.mode': 'idle' }),
                point(cpu + wobble, { 'cpu.mode': 'user' }),
              ),
              gauge('system.cpu.load_average.1m', '{thread}', point(1 + wobble)),
              gauge(
                'system.memory.utilization',
                '1',
                point(0.4 + wobble, { 'system.memory.state': 'used' }),
                point(0.6 - wobble, { 'system.memory.state': 'free' }),
              ),
            ],
          },
        ],
      },
    ],
  }
  const response = await fetch(`${endpoint}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.text()
  if (!response.ok || answer.includes('rejected')) throw new Error(`${response.status} ${answer}`)
}

/**
 * A host that ADF learns in fast motion, and that then has no processor time left, until it is stopped.
 *
 * @param to where its metrics go, OTLP over HTTP, and the API of the processor that has them
 * @returns what stops it; rejects with what went wrong meanwhile
 */
export function startHostBeat(to: { readonly otlp: string; readonly api: string }, host: string) {
  let stopped = false
  const scored = async () => {
    const response = await fetch(`${to.api}/api/entities?stream=host&limit=500`)
    const { items } = EntityPage.parse(await response.json())
    return items
      .filter(({ entity }) => entity.id === host)
      .some(({ streams }) => streams.some(({ stream, state }) => stream === 'host' && state === 'scored'))
  }
  const beat = async () => {
    let atMs = Date.now() - HISTORY_MS
    for (let sent = 0; !stopped; sent++, atMs += 1000) {
      if (sent % LOOK_EVERY === 0 && (await scored())) break
      await sendHostMetrics(to.otlp, host, { atMs })
      // Of what is to come ADF takes ten minutes at the most.
      await setTimeout(atMs < Date.now() ? PAUSE_MS : 1000)
    }
    for (atMs = Math.max(atMs, Date.now()); !stopped; atMs += 1000) {
      await sendHostMetrics(to.otlp, host, { atMs: Math.min(atMs, Date.now()), cpu: 0.95 })
      await setTimeout(1000)
    }
  }
  const beating = beat()
  beating.catch(() => {})
  return async () => {
    stopped = true
    await beating
  }
}
