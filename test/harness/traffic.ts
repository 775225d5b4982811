import { seeded } from '@adf/detectors'
import { type Fault, LOGS_PER_REQUEST, ShopBatch, SPANS_PER_REQUEST } from './shop.ts'

/** Milliseconds between two exports. */
const TICK_MS = 100

export interface Traffic {
  /** What the endpoint took. */
  readonly sent: { readonly spans: number; readonly logs: number }
  /** From the next export on; undefined ends it. */
  strike(fault: Fault | undefined): void
  /** Ends after the export under way; throws the first refusal of the endpoint, if there was one. */
  stop(): Promise<void>
}

/** The shop under a steady load of `perSecond` requests, exported as OTLP/JSON to `endpoint` (OTLP/HTTP base URL). */
export function startTraffic(endpoint: string, { perSecond = 50, seed = 1 } = {}): Traffic {
  const rng = seeded(seed)
  const sent = { spans: 0, logs: 0 }
  let fault: Fault | undefined
  let stopping = false

  async function run(): Promise<void> {
    let untilMs = Date.now()
    while (!stopping) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
      const batch = new ShopBatch(rng)
      let requests = 0
      // Requests keep their even spacing however late this timer comes.
      for (const now = Date.now(); untilMs < now; untilMs += 1000 / perSecond, requests++)
        batch.request(untilMs, fault)
      await post(`${endpoint}/v1/traces`, batch.traces)
      sent.spans += requests * SPANS_PER_REQUEST
      await post(`${endpoint}/v1/logs`, batch.logs)
      sent.logs += requests * LOGS_PER_REQUEST
    }
  }

  const running = run()
  // Told by stop(), not as an unhandled rejection.
  running.catch(() => {})
  return {
    sent,
    strike: (next) => {
      fault = next
    },
    stop: () => {
      stopping = true
      return running
    },
  }
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.text()
  if (!response.ok || answer.includes('rejected')) throw new Error(`${url}: ${response.status} ${answer}`)
}
