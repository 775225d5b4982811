import type { Graph, GraphChange, GraphEdge, GraphNode, GraphPlacement } from '@adf/contract'
import type { Change } from './deployments.ts'
import { EdgeStat } from './edges.ts'
import type { HostClocks } from './host-clocks.ts'
import { NodeStat } from './nodes.ts'
import type { Placement } from './placements.ts'
import type { Relations } from './relations.ts'
import type { Tallies } from './tallies.ts'

/** Changes that a snapshot tells, the latest. */
const CHANGES = 100
/** Pairs of hosts whose clocks differ, those that differ most. */
const CLOCKS = 100

/** What the callers of a node say that it served. */
export interface Served {
  calls: number
  failures: number
  firstSeen: number
}

/** The graph in the shape of the API. Rates, error rates and latencies are the decaying ones, calls and failures all. */
export function takeSnapshot(
  tallies: Tallies,
  relations: Relations,
  clocks: HostClocks,
  nowMs: number,
): Graph {
  const served = servedByCallers(tallies)
  return {
    at: new Date(nowMs).toISOString(),
    nodes: Array.from(tallies.nodes.all(), (node) => graphNode(tallies, node, served.get(node))),
    edges: Array.from(tallies.edges.all(), (edge) => graphEdge(tallies, edge)),
    placements: Array.from(graphPlacements(relations)),
    changes: graphChanges(relations),
    clocks: graphClocks(clocks),
  }
}

/** Of virtual nodes alone: others tell it themselves. */
export function servedByCallers({ edges, nodes }: Tallies): Map<number, Served> {
  const served = new Map<number, Served>()
  for (const edge of edges.all()) {
    const server = edges.server(edge)
    if (nodes.kind(server) === 'service') continue
    const sum = served.get(server) ?? { calls: 0, failures: 0, firstSeen: Number.POSITIVE_INFINITY }
    sum.calls += edges.get(edge, EdgeStat.callsW)
    sum.failures += edges.get(edge, EdgeStat.failuresW)
    sum.firstSeen = Math.min(sum.firstSeen, edges.get(edge, EdgeStat.firstSeen))
    served.set(server, sum)
  }
  return served
}

export function* graphPlacements(relations: Relations): IterableIterator<GraphPlacement> {
  for (const placement of relations.placements.all()) yield graphPlacement(placement)
}

export function graphChanges(relations: Relations): GraphChange[] {
  return relations.deployments.changes.slice(-CHANGES).map(graphChange)
}

export function graphClocks(clocks: HostClocks): Graph['clocks'] {
  return Array.from(clocks.offsets())
    .sort((a, b) => Math.abs(b.offset_ms) - Math.abs(a.offset_ms))
    .slice(0, CLOCKS)
}

function graphPlacement({ service, instance, pod, node, host, lastSeenMs }: Placement): GraphPlacement {
  return {
    service,
    instance: instance || null,
    pod: pod || null,
    node: node || null,
    host: host || null,
    last_seen: new Date(lastSeenMs).toISOString(),
  }
}

function graphChange({ atMs, ...change }: Change): GraphChange {
  return { at: new Date(atMs).toISOString(), ...change }
}

export function graphNode(tallies: Tallies, node: number, served: Served | undefined): GraphNode {
  const nodes = tallies.nodes
  const kind = nodes.kind(node)
  const service = kind === 'service'
  // a virtual node has no spans of its own: what it served is what its callers saw
  const requests = service ? nodes.get(node, NodeStat.requestsW) : (served?.calls ?? 0)
  const failures = service ? nodes.get(node, NodeStat.failuresW) : (served?.failures ?? 0)
  const firstSeen = service ? nodes.get(node, NodeStat.firstSeen) : (served?.firstSeen ?? tallies.nowMs)
  const name = nodes.name(node)
  const slash = service ? name.indexOf('/') : -1
  return {
    id: nodes.id(node),
    name: name.slice(slash + 1),
    kind,
    ...(slash > 0 ? { namespace: name.slice(0, slash) } : {}),
    rate: tallies.rate(requests, firstSeen),
    error_rate: share(failures, requests),
    latency: service ? tallies.requestLatency.latency(node) : null,
    exclusive_ms:
      service && requests > 0 ? Math.max(0, nodes.get(node, NodeStat.exclusiveW) / requests) : null,
    anomaly_score: null,
    last_seen: new Date(nodes.get(node, NodeStat.lastSeen)).toISOString(),
  }
}

export function graphEdge(tallies: Tallies, edge: number): GraphEdge {
  const edges = tallies.edges
  const calls = edges.get(edge, EdgeStat.callsW)
  const gaps = edges.get(edge, EdgeStat.gapCountW)
  return {
    client: tallies.nodes.id(edges.client(edge)),
    server: tallies.nodes.id(edges.server(edge)),
    connection: edges.connection(edge),
    calls: edges.get(edge, EdgeStat.calls),
    failures: edges.get(edge, EdgeStat.failures),
    rate: tallies.rate(calls, edges.get(edge, EdgeStat.firstSeen)),
    error_rate: share(edges.get(edge, EdgeStat.failuresW), calls),
    client_latency: tallies.clientLatency.latency(edge),
    server_latency: tallies.serverLatency.latency(edge),
    gap_ms: gaps > 0 ? edges.get(edge, EdgeStat.gapW) / gaps : null,
    last_seen: new Date(edges.get(edge, EdgeStat.lastSeen)).toISOString(),
  }
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0
}
