import { createTables, type SpanBatch, SpanBatchBuilder, SpanKind } from '@adf/processor'
import { Registry } from 'prom-client'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** `same`: both ends of a call in one request; `split`: each request comes from one service, as its SDK sends it. */
export const SHAPES = ['same', 'split'] as const
export type Shape = (typeof SHAPES)[number]

export const SPANS = 1000
const SERVICES = 20
const POOL = 40
/** Spans of a trace: a chain through all services, a server and a client span in each. */
const DEPTH = SERVICES * 2
const TRACES = (POOL * SPANS) / DEPTH

const COLUMNS = [
  'resource',
  'trace0',
  'trace1',
  'trace2',
  'trace3',
  'span0',
  'span1',
  'parent0',
  'parent1',
  'kind',
  'status',
  'startMs',
  'durationMs',
  'name',
  'failed',
  'weight',
  'peer',
  'peerKind',
  'address',
  'linkStart',
] as const

/** Requests of 1,000 spans, whose ids are new each time they come round. Event times follow the clock given. */
export class Traffic {
  readonly #requests: readonly SpanBatch[]
  readonly #seed = xoroshiro128plus(1)
  #at = 0

  constructor(shape: Shape) {
    const limits = { max_strings: 10_000, max_resources: 1000, max_services: 1000 }
    const tables = createTables(limits, new Registry())
    const trace = xoroshiro128plus(2)
    const spans = Array.from({ length: TRACES }, () => {
      const traceId = hex(trace) + hex(trace) + hex(trace) + hex(trace)
      const ids = Array.from({ length: DEPTH }, () => hex(trace) + hex(trace))
      return ids.map((_, position) => plainSpan(traceId, ids, position))
    })
    this.#requests = Array.from({ length: POOL }, (_, request) => {
      const builder = new SpanBatchBuilder(tables)
      // as exporters do, the spans of a request are grouped by service
      const [first, traces] = shape === 'same' ? [0, TRACES / POOL] : [request % SERVICES, SPANS / 2]
      const from = (shape === 'same' ? request : Math.floor(request / SERVICES)) * traces
      for (let service = first; service < (shape === 'same' ? SERVICES : first + 1); service++)
        for (const one of spans.slice(from, from + traces))
          for (const span of one.slice(service * 2, service * 2 + 2)) builder.add(span)
      return builder.batch
    })
  }

  /** The next request; spans end up to 40 ms before `nowMs`. */
  next(nowMs: number): SpanBatch {
    // all requests of a round are changed alike, so that their spans still belong together
    if (this.#at === 0) for (const request of this.#requests) this.#renew(request, nowMs)
    const request = this.#requests[this.#at]
    this.#at = (this.#at + 1) % POOL
    if (request === undefined) throw new Error('no requests')
    // written anew, so that it is in the cache as a request is that has just been decoded
    for (const column of COLUMNS) request[column].set(request[column])
    return request
  }

  #renew(batch: SpanBatch, nowMs: number): void {
    const seed = this.#seed.clone()
    const [trace, span] = [seed.next(), seed.next()]
    if (batch === this.#requests.at(-1)) this.#seed.next()
    const drift = nowMs - Math.max(...batch.startMs.subarray(0, batch.length))
    for (let row = 0; row < batch.length; row++) {
      batch.trace0[row] = batch.trace0[row]! ^ trace
      batch.trace2[row] = batch.trace2[row]! ^ span
      batch.span1[row] = batch.span1[row]! ^ span
      if (batch.parent0[row] !== 0 || batch.parent1[row] !== 0)
        batch.parent1[row] = batch.parent1[row]! ^ span
      batch.startMs[row] = batch.startMs[row]! + drift
    }
  }
}

function hex(generator: { next(): number }): string {
  return (generator.next() >>> 0).toString(16).padStart(8, '0')
}

function plainSpan(traceId: string, ids: readonly string[], position: number) {
  const server = position % 2 === 0
  const service = position >> 1
  const callee = (service + 1) % SERVICES
  const parentSpanId = ids[position - 1]
  return {
    resource: { 'service.name': `service-${service}` },
    traceId,
    spanId: ids[position] ?? '',
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: `GET /api/v1/resource-${server ? service : callee}/{id}`,
    kind: server ? SpanKind.server : SpanKind.client,
    status: traceId.startsWith('00') ? 2 : 0,
    startMs: position,
    // 1 to 40 ms, longer the nearer to the root
    durationMs: DEPTH - position,
    attributes: { 'server.address': `service-${server ? service : callee}.bench.svc`, 'server.port': 8080 },
  }
}
