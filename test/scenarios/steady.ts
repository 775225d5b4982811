import type { EntityPage, Graph } from '@adf/contract'
import { expect } from 'vitest'
import type { RunningAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'
import { hex, nano, postJson, resourceOf } from './requests.ts'

const EVERY_MS = 50
const DURATION_MS = 20
const FAILS_EACH = 10
const WINDOW_MS = 1000

/** Settings with which a service is scored a few seconds after it began. */
export const quick = {
  edge: { window: '1s', step: '100ms', detection: { warm_up: 20 } },
  log: { level: 'warn' },
}

/**
 * A well-behaved service that sends all the time, as a neighbour of the misbehaving ones: calls from `steady-front` to
 * `steady-back`, one each 50 ms on a fixed grid of event time, every tenth failed. So whatever the moment, a window
 * holds exactly 20 calls, 2 of them failed, of 20 ms each. Some requests it sends twice, as after an answer that got lost.
 */
export class Steady {
  readonly #adf: RunningAdf
  readonly #firstMs = Math.ceil(Date.now() / WINDOW_MS) * WINDOW_MS
  readonly #timer: NodeJS.Timeout
  #sending: Promise<void> = Promise.resolve()
  #sent = 0
  #refused: string[] = []

  constructor(adf: RunningAdf) {
    this.#adf = adf
    this.#timer = setInterval(() => {
      this.#sending = this.#sending
        .then(() => this.#sendDue())
        .catch((error: unknown) => void this.#refused.push(String(error)))
    }, EVERY_MS * 2)
  }

  /** Scored, so that what comes now could disturb it. */
  async ready(): Promise<void> {
    await until('the steady service is scored', async () => {
      const stream = (await this.#entity())?.streams[0]
      return stream?.state === 'scored'
    })
  }

  /** Its features now and its edges are what it sent, to the last call, and it is still being scored. */
  async expectUndisturbed(): Promise<void> {
    const before = Date.now()
    await until('exact features of the steady service', async () => {
      const stream = (await this.#entity())?.streams[0]
      if (stream === undefined || stream.state !== 'scored') return false
      if (Date.parse(stream.last_seen) <= before) return false
      const value = (name: string) => stream.features.find((one) => one.name === name)?.value ?? Number.NaN
      expect(value('request_rate')).toBe(WINDOW_MS / EVERY_MS)
      expect(value('error_rate')).toBeCloseTo(1 / FAILS_EACH, 10)
      // The sketch's error bound is 1 %.
      expect(Math.abs(value('latency_p50') - DURATION_MS)).toBeLessThanOrEqual(DURATION_MS / 100)
      expect(Math.abs(value('latency_p99') - DURATION_MS)).toBeLessThanOrEqual(DURATION_MS / 100)
      return true
    })
    expect(this.#refused).toEqual([])
    await until('exact edges of the steady service', async () => {
      await this.#sending
      const sent = this.#sent
      const { edges } = await this.#adf.json<Graph>('/api/graph')
      if (sent !== this.#sent) return false
      const edge = edges.find(({ client, server }) => client === 'steady-front' && server === 'steady-back')
      expect(edge).toMatchObject({ calls: sent, failures: Math.ceil(sent / FAILS_EACH) })
      return true
    })
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sending
  }

  async #entity() {
    const { items } = await this.#adf.json<EntityPage>('/api/entities?service=steady-back')
    return items[0]
  }

  async #sendDue(): Promise<void> {
    const fronts: object[] = []
    const backs: object[] = []
    const due = Math.floor((Date.now() - this.#firstMs) / EVERY_MS)
    for (let call = this.#sent; call < due; call++) {
      const endMs = this.#firstMs + call * EVERY_MS
      const shared = {
        traceId: hex(0x5eadn * 2n ** 64n + BigInt(call + 1), 32),
        startTimeUnixNano: nano(endMs - DURATION_MS),
        endTimeUnixNano: nano(endMs),
        status: { code: call % FAILS_EACH === 0 ? 2 : 1 },
      }
      fronts.push({ ...shared, spanId: hex(2 * call + 1, 16), name: 'call', kind: 3 })
      backs.push({
        ...shared,
        spanId: hex(2 * call + 2, 16),
        parentSpanId: hex(2 * call + 1, 16),
        name: 'serve',
        kind: 2,
      })
    }
    if (backs.length === 0) return
    const of = (service: string, spans: object[]) => ({
      resource: resourceOf({ 'service.name': service, 'service.instance.id': 'one' }),
      scopeSpans: [{ spans }],
    })
    const body = { resourceSpans: [of('steady-front', fronts), of('steady-back', backs)] }
    const answer = await postJson(this.#adf.httpPort, 'traces', body)
    if (answer.status === 503) return
    // Its answers sometimes get lost, and it sends again: no call may count twice for that.
    if (this.#sent % 3 === 0) await postJson(this.#adf.httpPort, 'traces', body)
    this.#sent += backs.length
    if (answer.status !== 200 || answer.body.toString() !== '{}') {
      this.#refused.push(`${answer.status} ${answer.body}`)
    }
  }
}
