import { createTables, type SpanBatch, SpanBatchBuilder, SpanKind } from '@adf/processor'
import { Registry } from 'prom-client'

export const SLOT_MS = 5000
/** Calls in one request. */
const BATCH = 2000
const SLOW_MS = 500

/** One call over every edge a slot: a request at the client, its call, and the request at the server. */
export class CallTraffic {
  readonly #calls: readonly (readonly [client: number, server: number])[]
  readonly #resources: readonly { 'service.name': string }[]
  readonly #builder: SpanBatchBuilder
  #serial = 0

  constructor(calls: readonly (readonly [client: number, server: number])[], services: number) {
    this.#calls = calls
    this.#resources = Array.from({ length: services }, (_, at) => ({ 'service.name': `service-${at}` }))
    this.#builder = new SpanBatchBuilder(
      createTables({ max_strings: 1_000_000, max_resources: 200_000, max_services: 100_000 }, new Registry()),
    )
  }

  /** Requests of the slot that begins at `at` ms; those to the `slow` service take half a second more. Each is read before the next. */
  *slot(at: number, slow: number | undefined): Generator<SpanBatch> {
    for (let from = 0; from < this.#calls.length; from += BATCH) {
      this.#builder.reset()
      for (const [client, server] of this.#calls.slice(from, from + BATCH))
        this.#call(client, server, at, server === slow ? SLOW_MS : 0)
      yield this.#builder.batch
    }
  }

  #call(client: number, server: number, startMs: number, slowMs: number): void {
    const [traceId, root, asked, served] = [this.#id(32), this.#id(16), this.#id(16), this.#id(16)]
    const durationMs = 10 + (this.#serial % 7) + slowMs
    const common = { traceId, startMs, durationMs }
    const resource = this.#resources[client]!
    this.#builder
      .add({ ...common, resource, spanId: root, name: 'GET /', kind: SpanKind.server })
      .add({ ...common, resource, spanId: asked, parentSpanId: root, name: 'GET', kind: SpanKind.client })
      .add({
        ...common,
        resource: this.#resources[server]!,
        spanId: served,
        parentSpanId: asked,
        name: 'GET /',
        kind: SpanKind.server,
        durationMs: durationMs - 2,
      })
  }

  #id(length: number): string {
    return (++this.#serial).toString(16).padStart(length, '0')
  }
}
