import { normal, type Rng } from '@adf/detectors'

/**
 * A made-up shop as OTLP/JSON: user → shop → orders → payment → database ledger, and shop → catalog. Orders copes with a failed
 * payment, so that errors of payment are nobody else's; its latency is everybody's upstream.
 */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  shop: ['orders', 'catalog'],
  orders: ['payment'],
  payment: [],
  catalog: [],
}
export const SERVICES: readonly string[] = Object.keys(CALLS)
/** Edges of the causal graph, as `client server`. */
export const EDGES: readonly string[] = [
  'orders payment',
  'payment database:ledger',
  'shop catalog',
  'shop orders',
  'user:user shop',
]
/** A server span for each service, a client span for each call. */
export const SPANS_PER_REQUEST = 8
export const LOGS_PER_REQUEST = SERVICES.length

const EXCLUSIVE_MS = 6
const DATABASE_MS = 3
const SERVER = 2
const CLIENT = 3
const ERROR = 2

/**
 * What is wrong with a service: milliseconds more in itself, the share of its requests that fail, and the exception that the span of
 * such a request then has, with a log line of its own.
 */
export interface Fault {
  readonly service: string
  readonly slowerMs?: number
  readonly errors?: number
  readonly exception?: { readonly type: string; readonly message: string; readonly line: string }
}

interface JsonSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly object[]
  readonly events: readonly object[]
  readonly status: { readonly code?: number }
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
const nanos = (ms: number) => `${BigInt(Math.round(ms * 1000)) * 1000n}`
const hex = (rng: Rng, digits: number) => {
  let id = ''
  while (id.length < digits)
    id += Math.floor(rng() * 16 ** 8)
      .toString(16)
      .padStart(8, '0')
  return id
}
const duration = (rng: Rng, mean: number) => mean * Math.exp(0.1 * normal(rng))

/** The requests of a while, gathered for one export of traces and one of logs. */
export class ShopBatch {
  readonly #rng: Rng
  readonly #spans = new Map<string, JsonSpan[]>()
  readonly #logs = new Map<string, object[]>()

  constructor(rng: Rng) {
    this.#rng = rng
  }

  /** One request that ends at `endMs` (Unix). */
  request(endMs: number, fault?: Fault): void {
    this.#serve('shop', { traceId: hex(this.#rng, 32) }, fault, endMs)
  }

  get traces(): object {
    return {
      resourceSpans: [...this.#spans].map(([service, spans]) => ({
        resource: resource(service),
        scopeSpans: [{ scope: { name: 'shop' }, spans }],
      })),
    }
  }

  get logs(): object {
    return { resourceLogs: [...this.#logs].map(([service]) => this.#logsOf(service)) }
  }

  /** One export for each service, as an exporter makes them that keys logs by resource. */
  get logsByService(): [service: string, logs: object][] {
    return [...this.#logs.keys()].map((service) => [service, { resourceLogs: [this.#logsOf(service)] }])
  }

  #logsOf(service: string): object {
    const logRecords = this.#logs.get(service) ?? []
    return { resource: resource(service), scopeLogs: [{ scope: { name: 'shop' }, logRecords }] }
  }

  /** Lays out a call backwards from its end, so that everything has ended when it is sent. Returns its start. */
  #serve(
    service: string,
    from: { traceId: string; parentSpanId?: string },
    fault: Fault | undefined,
    endMs: number,
  ): number {
    const rng = this.#rng
    const struck = fault?.service === service ? fault : undefined
    const failed = rng() < (struck?.errors ?? 0)
    const exception = failed ? struck?.exception : undefined
    const spanId = hex(rng, 16)
    const context = { traceId: from.traceId, parentSpanId: spanId }
    const own = duration(rng, EXCLUSIVE_MS) + (struck?.slowerMs ?? 0)
    let cursor = endMs - own / 2
    for (const callee of CALLS[service] ?? []) cursor = this.#call(service, callee, context, fault, cursor)
    if (service === 'payment') cursor = this.#query(context, cursor)
    const startMs = cursor - own / 2
    this.#span(service, {
      ...from,
      spanId,
      name: `POST /${service}`,
      kind: SERVER,
      startTimeUnixNano: nanos(startMs),
      endTimeUnixNano: nanos(endMs),
      attributes: [
        text('http.request.method', 'POST'),
        text('http.route', `/${service}`),
        { key: 'http.response.status_code', value: { intValue: failed ? 500 : 200 } },
      ],
      events: exception === undefined ? [] : [exceptionEvent(endMs, exception)],
      status: failed ? { code: ERROR } : {},
    })
    this.#log(service, {
      timeUnixNano: nanos(endMs),
      severityNumber: failed ? 17 : 9,
      severityText: failed ? 'ERROR' : 'INFO',
      body: { stringValue: failed ? `${service} failed` : `${service} served a request` },
      traceId: from.traceId,
      spanId,
    })
    if (exception !== undefined)
      this.#log(service, {
        timeUnixNano: nanos(endMs),
        severityNumber: 17,
        severityText: 'ERROR',
        body: { stringValue: exception.line },
        traceId: from.traceId,
        spanId,
      })
    return startMs
  }

  #call(
    service: string,
    callee: string,
    context: { traceId: string; parentSpanId: string },
    fault: Fault | undefined,
    endMs: number,
  ): number {
    const spanId = hex(this.#rng, 16)
    const within = { traceId: context.traceId, parentSpanId: spanId }
    const startMs = this.#serve(callee, within, fault, endMs - 0.5) - 0.5
    this.#span(service, {
      ...context,
      spanId,
      name: `POST ${callee}`,
      kind: CLIENT,
      startTimeUnixNano: nanos(startMs),
      endTimeUnixNano: nanos(endMs),
      attributes: [text('http.request.method', 'POST'), text('server.address', callee)],
      events: [],
      status: {},
    })
    return startMs
  }

  #query(context: { traceId: string; parentSpanId: string }, endMs: number): number {
    const startMs = endMs - duration(this.#rng, DATABASE_MS)
    this.#span('payment', {
      ...context,
      spanId: hex(this.#rng, 16),
      name: 'INSERT ledger',
      kind: CLIENT,
      startTimeUnixNano: nanos(startMs),
      endTimeUnixNano: nanos(endMs),
      attributes: [text('db.system.name', 'postgresql'), text('db.namespace', 'ledger')],
      events: [],
      status: {},
    })
    return startMs
  }

  #span(service: string, span: JsonSpan): void {
    const spans = this.#spans.get(service) ?? []
    this.#spans.set(service, spans)
    spans.push(span)
  }

  #log(service: string, record: object): void {
    const records = this.#logs.get(service) ?? []
    this.#logs.set(service, records)
    records.push(record)
  }
}

const exceptionEvent = (atMs: number, { type, message }: NonNullable<Fault['exception']>) => ({
  timeUnixNano: nanos(atMs),
  name: 'exception',
  attributes: [text('exception.type', type), text('exception.message', message)],
})

const resource = (service: string) => ({ attributes: [text('service.name', service)] })
