// A process of its own, so that its memory is that of one graph: `memory/main.ts NODES EDGES`.
import { CausalGraph, Config, createTables, SpanBatchBuilder, SpanKind } from '@adf/processor'
import { Registry } from 'prom-client'

const [NODES = 100, EDGES = 1000] = process.argv.slice(2).map(Number)
/** Every edge has one call in each round, ten minutes long in all: enough to fill what has a bound. */
const ROUNDS = 20
const ROUND_MS = 30_000
const CALLS = 500

const limits = { max_strings: 100_000, max_resources: 100_000, max_services: 100_000 }
const builder = new SpanBatchBuilder(createTables(limits, new Registry()))
let ids = 1
const id = (digits: number) => (ids++).toString(16).padStart(digits, '0')

/** Calls of edges `from` … `to`-1 that end at `nowMs`. Each node calls the next ones, in a circle. */
function requests(from: number, to: number, nowMs: number) {
  builder.reset()
  for (let edge = from; edge < to; edge++) {
    const client = edge % NODES
    const server = (client + 1 + Math.floor(edge / NODES)) % NODES
    const traceId = id(32)
    const spanId = id(16)
    // latencies of an edge vary by a factor of four, those of edges by fifty
    const ms = (1 + (edge % 50)) * (1 + (ids % 4))
    const span = { traceId, startMs: nowMs - ms, durationMs: ms, status: ids % 20 === 0 ? 2 : 0 }
    const called = { ...span, spanId, kind: SpanKind.client, name: `call ${server % 20}` }
    const served = { ...span, spanId: id(16), parentSpanId: spanId, kind: SpanKind.server }
    builder.add({ ...called, resource: resourceOf(client) })
    builder.add({ ...served, name: `GET /${edge % 3}`, resource: resourceOf(server) })
  }
  return builder.batch
}

function resourceOf(node: number) {
  return {
    'service.name': `service-${node}`,
    'service.instance.id': `${node}`,
    'host.name': `host-${node % 500}`,
  }
}

const collect = () => {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  return process.memoryUsage()
}

// the tables of names are filled before memory is looked at
for (let from = 0; from < EDGES; from += CALLS) requests(from, Math.min(EDGES, from + CALLS), 1e12)
const before = collect()
const bounds = { max_nodes: NODES + 1, max_edges: EDGES }
const graph = new CausalGraph({ ...Config.parse({}).graph, ...bounds }, new Registry())
let nowMs = 1_760_000_000_000
for (let round = 0; round < ROUNDS; round++) {
  for (let from = 0; from < EDGES; from += CALLS) {
    nowMs += (ROUND_MS * CALLS) / Math.max(EDGES, CALLS)
    graph.spans(requests(from, Math.min(EDGES, from + CALLS), nowMs), nowMs)
    graph.advance(nowMs)
  }
}
const after = collect()
const { nodes, edges } = graph.tallies
if (nodes.size !== NODES || edges.size !== EDGES) throw new Error(`${nodes.size} nodes, ${edges.size} edges`)
const held = ({ heapUsed, arrayBuffers }: NodeJS.MemoryUsage) => heapUsed + arrayBuffers
const result = { memory_mb: (held(after) - held(before)) / 1e6, rss_mb: (after.rss - before.rss) / 1e6 }
process.send?.(result)
if (process.send === undefined) console.log(JSON.stringify(result))
