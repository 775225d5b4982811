import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { PlainSpan } from '../../telemetry/span-builder.ts'
import { span, spanId, traceId } from './traffic.ts'

export interface Trouble {
  readonly service: string
  readonly fault: 'latency' | 'error' | 'crash' | 'network' | 'database' | 'cpu'
}

/** Who calls whom; stock is called by two. Services in `DATABASES` query a database of their own. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  web: ['cart', 'ads'],
  cart: ['payment', 'stock'],
  ads: ['stock'],
  payment: [],
  stock: [],
}
const DATABASES = new Set(['cart', 'stock'])

interface Visit {
  readonly ms: number
  readonly failed: boolean
}

/** Requests through a small shop: about 12 ms of work in each service, spread by a third, and one fault at most. */
export class Shop {
  readonly #random: () => number

  constructor(seed: number) {
    const generator = xoroshiro128plus(seed)
    this.#random = () => uniformFloat64(generator)
  }

  /** Spans of one request that begins `at` ms after T0. */
  request(at: number, trouble?: Trouble): PlainSpan[] {
    const spans: PlainSpan[] = []
    this.#serve('web', undefined, traceId(), at, trouble, spans)
    return spans
  }

  #work(ms: number): number {
    return ms * (0.67 + 0.66 * this.#random())
  }

  #serve(
    service: string,
    parent: string | undefined,
    trace: string,
    at: number,
    trouble: Trouble | undefined,
    spans: PlainSpan[],
  ): Visit {
    const own = (fault: Trouble['fault']) => trouble?.service === service && trouble.fault === fault
    const id = spanId()
    let now = at + this.#work(6)
    if (own('latency')) now += this.#work(150)
    let failed = own('error') && this.#random() < 0.6
    if (!failed && DATABASES.has(service)) {
      // A busy process reads its answers late: its own measure of a quick query is off by less than that of a slow call.
      const ms = own('database') ? this.#work(120) : this.#work(own('cpu') ? 7 : 3)
      const attributes = { 'db.system.name': 'postgresql', 'db.namespace': service }
      spans.push(
        span({ service, kind: 'client', name: 'SELECT', trace, parent: id, at: now, ms, attributes }),
      )
      now += ms
    }
    for (const callee of failed ? [] : (CALLS[service] ?? [])) {
      const visit = this.#call(service, callee, trace, id, now, trouble, spans)
      now += visit.ms
      failed ||= visit.failed
      if (failed) break
    }
    now += this.#work(6)
    const name = `GET /${service}`
    const shape = { service, name, kind: 'server' as const, trace, id, at, ms: now - at, failed }
    spans.push(span(parent === undefined ? shape : { ...shape, parent }))
    return { ms: now - at, failed }
  }

  #call(
    service: string,
    callee: string,
    trace: string,
    parent: string,
    at: number,
    trouble: Trouble | undefined,
    spans: PlainSpan[],
  ): Visit {
    const id = spanId()
    const attributes = {
      'server.address': '127.0.0.1',
      'server.port': 7000 + Object.keys(CALLS).indexOf(callee),
    }
    const shape = { service, name: 'GET', kind: 'client' as const, trace, id, parent, at, attributes }
    if (trouble?.service === callee && trouble.fault === 'crash') {
      spans.push(span({ ...shape, ms: 1, failed: true }))
      return { ms: 1, failed: true }
    }
    const delay = this.#work(delayOf(service, callee, trouble))
    const { ms, failed } = this.#serve(callee, id, trace, at + delay / 2, trouble, spans)
    spans.push(span({ ...shape, ms: ms + delay, failed }))
    return { ms: ms + delay, failed }
  }
}

/** Between client and server, ms. A busy process is late in sending, and in taking what is sent to it. */
function delayOf(client: string, server: string, { service, fault }: Partial<Trouble> = {}): number {
  if (fault === 'network' && service === server) return 100
  if (fault === 'cpu' && service === client) return 70
  if (fault === 'cpu' && service === server) return 40
  return 2
}
