import { Registry } from 'prom-client'
import { SpanKind } from '../../telemetry/batch.ts'
import { type PlainSpan, SpanBatchBuilder } from '../../telemetry/span-builder.ts'
import { createTables } from '../../telemetry/tables.ts'
import { CausalGraph } from '../causal-graph.ts'
import type { GraphOptions } from '../options.ts'

const options: GraphOptions = {
  pairing_window: 10_000,
  max_pending_spans: 100_000,
  max_nodes: 1000,
  max_edges: 10_000,
  max_operations: 50,
  half_life: 300_000,
  history: 1_800_000,
  slot: 5000,
  forget_after: 3_600_000,
  config_keys: ['shop.flags'],
}

/** A moment on the boundary of a slot. */
export const T0 = 1_760_000_000_000

/** A graph that takes plain spans. */
export function testGraph(changed: Partial<GraphOptions> = {}) {
  const registry = new Registry()
  const graph = new CausalGraph({ ...options, ...changed }, registry)
  const builder = new SpanBatchBuilder(
    createTables({ max_strings: 10_000, max_resources: 10_000, max_services: 10_000 }, new Registry()),
  )
  const batchOf = (spans: readonly PlainSpan[]) => {
    builder.reset()
    for (const span of spans) builder.add(span)
    return builder.batch
  }
  const send = (spans: readonly PlainSpan[], arrivalMs: number) => graph.spans(batchOf(spans), arrivalMs)
  const dropped = async (reason: string) => {
    const metric = await registry.getSingleMetric('adf_graph_dropped_total')?.get()
    return metric?.values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0
  }
  const edge = (client: string, server: string, nowMs = T0 + 60_000) =>
    graph.snapshot(nowMs).edges.find((one) => one.client === client && one.server === server)
  const repeated = () => [...builder.batch.repeated.subarray(0, builder.batch.length)]
  return { options: { ...options, ...changed }, graph, registry, send, batchOf, dropped, edge, repeated }
}

let ids = 1
export const spanId = () => (ids++).toString(16).padStart(16, '0')
export const traceId = () => (ids++).toString(16).padStart(32, '0')

interface SpanShape {
  readonly service: string
  readonly name?: string
  readonly kind?: keyof typeof SpanKind
  readonly trace?: string
  readonly id?: string
  readonly parent?: string
  /** From T0, ms. */
  readonly at?: number
  readonly ms?: number
  readonly failed?: boolean
  readonly attributes?: Record<string, string | number>
  readonly links?: PlainSpan['links']
  readonly traceState?: string
  /** Beside `service.name`. */
  readonly resource?: Record<string, string>
}

export function span(shape: SpanShape): PlainSpan {
  return {
    resource: { 'service.name': shape.service, ...shape.resource },
    traceId: shape.trace ?? traceId(),
    spanId: shape.id ?? spanId(),
    ...(shape.parent === undefined ? {} : { parentSpanId: shape.parent }),
    name: shape.name ?? 'work',
    kind: SpanKind[shape.kind ?? 'internal'],
    status: shape.failed === true ? 2 : 0,
    startMs: T0 + (shape.at ?? 0),
    durationMs: shape.ms ?? 10,
    attributes: shape.attributes ?? {},
    links: shape.links ?? [],
    ...(shape.traceState === undefined ? {} : { traceState: shape.traceState }),
  }
}

/** A client span and the server span below it, in one trace. */
export function call(client: string, server: string, shape: Partial<SpanShape> = {}): PlainSpan[] {
  const trace = shape.trace ?? traceId()
  const id = spanId()
  const at = shape.at ?? 0
  const ms = shape.ms ?? 10
  return [
    span({ ...shape, service: client, kind: 'client', name: 'call', trace, id, at, ms }),
    span({
      service: server,
      kind: 'server',
      name: 'serve',
      trace,
      parent: id,
      at: at + 1,
      ms: ms - 2,
      ...(shape.traceState === undefined ? {} : { traceState: shape.traceState }),
    }),
  ]
}

/** Every order of at most five things. */
export function orders<T>(things: readonly T[]): T[][] {
  if (things.length <= 1) return [[...things]]
  return things.flatMap((first, i) =>
    orders([...things.slice(0, i), ...things.slice(i + 1)]).map((rest) => [first, ...rest]),
  )
}
