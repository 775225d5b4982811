import { setTimeout as sleep } from 'node:timers/promises'
import type { EntityPage } from '@adf/contract'
import type { RunningAdf } from '../../../../test/harness/adf.ts'

const SERVICES = ['front', 'cart', 'payment'] as const
/** One call through all of them so often, on a grid of event time. */
const EVERY_MS = 50
const SEND_MS = 100
/** Windows are told by these calls: every tenth fails. */
const FAILS_EACH = 10

export interface Told {
  readonly service: string
  readonly score: number
  /** Of the request rate, as a share of it; of the error rate, as it is. */
  readonly rateOff: number
  readonly errorsOff: number
}

/**
 * Services that ADF knows, under traffic so even that each window holds the same, whenever it is looked at: whatever moves their scores is no doing of theirs.
 */
export class KnownServices {
  readonly #adf: RunningAdf
  readonly #firstMs = Math.ceil(Date.now() / 1000) * 1000
  readonly #stop = new AbortController()
  readonly #sending: Promise<void>
  #sent = 0
  refused = 0

  constructor(adf: RunningAdf) {
    this.#adf = adf
    this.#sending = this.#send()
  }

  get spans(): number {
    return this.#sent * SERVICES.length
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#sending
  }

  /** What is told of each now: its score, and how far its features are off what it sends; undefined while one of them is not judged. */
  async told(): Promise<Told[] | undefined> {
    const all = await Promise.all(SERVICES.map((name) => this.#one(`known-${name}`)))
    return all.every((one) => one !== undefined) ? all : undefined
  }

  async #one(service: string): Promise<Told | undefined> {
    const { items } = await this.#adf.json<EntityPage>(`/api/entities?service=${service}`)
    const stream = items[0]?.streams[0]
    if (stream?.state !== 'scored' || stream.score === null) return undefined
    const value = (name: string) => stream.features.find((one) => one.name === name)?.value ?? Number.NaN
    return {
      service,
      score: stream.score,
      rateOff: Math.abs(value('request_rate') / (1000 / EVERY_MS) - 1),
      errorsOff: Math.abs(value('error_rate') - 1 / FAILS_EACH),
    }
  }

  async #send(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const due = Math.floor((Date.now() - this.#firstMs) / EVERY_MS)
      if (due > this.#sent) await this.#post(due)
      await sleep(SEND_MS)
    }
  }

  /** Sends calls up to this one; again until they are taken. */
  async #post(due: number): Promise<void> {
    const body = JSON.stringify({
      resourceSpans: SERVICES.map((_, at) => this.#resourceSpans(at, this.#sent, due)),
    })
    const headers = { 'content-type': 'application/json' }
    const url = `http://127.0.0.1:${this.#adf.httpPort}/v1/traces`
    try {
      const answer = await fetch(url, { method: 'POST', headers, body })
      await answer.arrayBuffer()
      if (answer.ok) this.#sent = due
      else this.refused++
    } catch {
      // A connection that the server has just closed; whatever was taken of it is not counted twice.
      this.refused++
    }
  }

  #resourceSpans(at: number, from: number, to: number) {
    const spans = Array.from({ length: to - from }, (_, i) => {
      const call = from + i
      const endMs = this.#firstMs + call * EVERY_MS
      return {
        traceId: (call + 1).toString(16).padStart(32, 'c'),
        spanId: (at + 1).toString(16).padStart(16, '0'),
        ...(at > 0 && { parentSpanId: at.toString(16).padStart(16, '0') }),
        name: `GET /${SERVICES[at]}`,
        kind: 2,
        startTimeUnixNano: `${endMs - 20}000000`,
        endTimeUnixNano: `${endMs}000000`,
        status: { code: call % FAILS_EACH === 0 ? 2 : 1 },
      }
    })
    const name = { key: 'service.name', value: { stringValue: `known-${SERVICES[at]}` } }
    return { resource: { attributes: [name] }, scopeSpans: [{ spans }] }
  }
}
