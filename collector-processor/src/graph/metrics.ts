import { Counter, Histogram, type Registry } from 'prom-client'
import type { CausalGraph } from './causal-graph.ts'
import { type Connection, EdgeStat } from './edges.ts'
import { type LatencySketches, SECONDS_BOUNDS } from './latency.ts'

/** Edges that appear as series at most: a graph may hold far more than a scrape should. */
const MAX_EDGES = 2000

/** Names of Tempo's service graphs, which Grafana's service-graph view reads. */
const CONNECTION_TYPE: Readonly<Record<Connection, string>> = {
  call: '',
  database: 'database',
  messaging: 'messaging_system',
  peer: 'virtual_node',
  user: 'virtual_node',
}

type Labels = { client: string; server: string; connection_type: string }
const LABELS = ['client', 'server', 'connection_type'] as const

/**
 * The graph as `traces_service_graph_*` metrics, made from it at each scrape; totals of an edge never fall while it lives.
 * Virtual nodes carry their plain name, as Tempo's do, but for `user`, whose id keeps it apart from a service of that name.
 */
export function registerServiceGraphMetrics(registry: Registry, graph: CausalGraph): void {
  const counter = (name: string, help: string, stat: number) =>
    new Counter({
      name,
      help,
      labelNames: LABELS,
      registers: [registry],
      collect() {
        this.reset()
        for (const { edge, labels } of exported(graph)) this.inc(labels, graph.tallies.edges.get(edge, stat))
      },
    })
  counter(
    'traces_service_graph_request_total',
    'Calls between two nodes of the service graph.',
    EdgeStat.calls,
  )
  counter(
    'traces_service_graph_request_failed_total',
    'Calls between two nodes of the service graph that failed on either side.',
    EdgeStat.failures,
  )
  const { clientLatency, serverLatency } = graph.tallies
  registry.registerMetric(
    new EdgeHistogram(
      'traces_service_graph_request_server_seconds',
      'Duration of calls as the server saw it.',
      graph,
      serverLatency,
      EdgeStat.serverSum,
    ),
  )
  registry.registerMetric(
    new EdgeHistogram(
      'traces_service_graph_request_client_seconds',
      'Duration of calls as the client saw it.',
      graph,
      clientLatency,
      EdgeStat.clientSum,
    ),
  )
}

function* exported(graph: CausalGraph): IterableIterator<{ edge: number; labels: Labels }> {
  const { edges, nodes } = graph.tallies
  const seen = new Set<string>()
  for (const edge of edges.all()) {
    if (seen.size >= MAX_EDGES) return
    const label = (node: number) => {
      const kind = nodes.kind(node)
      return kind === 'user' ? nodes.id(node) : nodes.name(node)
    }
    const labels = {
      client: label(edges.client(edge)),
      server: label(edges.server(edge)),
      connection_type: CONNECTION_TYPE[edges.connection(edge)],
    }
    const key = JSON.stringify(labels)
    if (!seen.has(key)) yield { edge, labels }
    seen.add(key)
  }
}

/** A histogram whose buckets are already counted: prom-client has no way to set them, so `get` gives them itself. */
class EdgeHistogram extends Histogram<keyof Labels | 'le'> {
  readonly #graph: CausalGraph
  readonly #sketches: LatencySketches
  readonly #sum: number
  readonly #name: string
  readonly #empty: Histogram

  constructor(name: string, help: string, graph: CausalGraph, sketches: LatencySketches, sum: number) {
    super({ name, help, labelNames: LABELS, buckets: [...SECONDS_BOUNDS], registers: [] })
    this.#name = name
    this.#empty = new Histogram({ name, help, registers: [] })
    this.#graph = graph
    this.#sketches = sketches
    this.#sum = sum
  }

  /** What the text format is made of; prom-client prefers it to `get`, though its types do not name it. */
  getForPromString() {
    return this.get()
  }

  override async get() {
    const described = await this.#empty.get()
    const values: typeof described.values = []
    for (const { edge, labels } of exported(this.#graph)) {
      const counts = this.#sketches.counts(edge)
      let total = 0
      const push = (suffix: string, value: number, le?: number | string) =>
        values.push({
          labels: le === undefined ? labels : { ...labels, le },
          value,
          metricName: `${this.#name}_${suffix}`,
        })
      SECONDS_BOUNDS.forEach((bound, i) => {
        total += counts[i]!
        push('bucket', total, bound)
      })
      total += counts[SECONDS_BOUNDS.length]!
      if (total === 0) {
        values.splice(-SECONDS_BOUNDS.length)
        continue
      }
      push('bucket', total, '+Inf')
      push('sum', this.#graph.tallies.edges.get(edge, this.#sum) / 1000)
      push('count', total)
    }
    return { ...described, values }
  }
}
