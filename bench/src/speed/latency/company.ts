import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningAdf } from '../../../../test/harness/adf.ts'
import { trainWithTwoBadUpdates } from '../../../../test/harness/federation-sites.ts'

/** What a page of the app asks for, and Prometheus. */
const POLLED = [
  '/api/status',
  '/api/graph',
  '/api/incidents',
  '/api/anomalies?limit=50',
  '/api/entities?limit=50',
]
const EVERY_MS = 1000
const SERVICES = 20

/**
 * What goes on beside: a dashboard that polls once a second, spans between twenty services, and a federation whose server runs in the same process. Fits of calibrations, snapshots of
 * the graph, retention and the saving of states are ADF's own and need nobody.
 */
export function keepCompany(adf: RunningAdf): { stop: () => Promise<void> } {
  let stopped = false
  const repeat = async (everyMs: number, run: () => Promise<unknown>) => {
    while (!stopped) {
      await run()
      await sleep(everyMs)
    }
  }
  const poll = () =>
    Promise.all(
      POLLED.map(async (path) => {
        const answer = await adf.get(path)
        await answer.arrayBuffer()
        if (!answer.ok) throw new Error(`GET ${path} was answered ${answer.status}`)
      }),
    )
  const federation = async () => {
    if (adf.federation !== undefined) await trainWithTwoBadUpdates(adf.federation)
  }
  const all = Promise.all([repeat(EVERY_MS, poll), repeat(100, () => sendSpans(adf.httpPort)), federation()])
  all.catch(() => {})
  return {
    stop: async () => {
      stopped = true
      await all
    },
  }
}

async function sendSpans(port: number): Promise<void> {
  const nowMs = Date.now()
  const id = (length: number) =>
    Array.from({ length }, () =>
      Math.floor(256 * Math.random())
        .toString(16)
        .padStart(2, '0'),
    ).join('')
  const resourceSpans = Array.from({ length: SERVICES }, (_, i) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: `service-${i}` } }] },
    scopeSpans: [
      {
        spans: [
          {
            traceId: id(16),
            spanId: id(8),
            kind: 2,
            name: 'GET /',
            startTimeUnixNano: `${nowMs - 20}000000`,
            endTimeUnixNano: `${nowMs}000000`,
          },
        ],
      },
    ],
  }))
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ resourceSpans })
  const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, { method: 'POST', headers, body })
  await answer.arrayBuffer()
}
