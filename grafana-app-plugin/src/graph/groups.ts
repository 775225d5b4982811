import type { Graph, GraphEdge, GraphNode } from '@adf/contract'

/** A namespace that is drawn as one node. */
export interface Group {
  readonly namespace: string
  /** Nodes of the graph that it stands for. */
  readonly members: readonly GraphNode[]
}

export interface Grouped {
  readonly graph: Pick<Graph, 'nodes' | 'edges'>
  /** By the id of the node that stands for it. */
  readonly groups: ReadonlyMap<string, Group>
}

/** From so many nodes on, namespaces are drawn as one node each until they are opened. */
export const MANY = 600

/** No service has such an id: of names and namespaces none begins with it. */
export const groupId = (namespace: string): string => `namespace\u0000${namespace}`

/** Namespaces of a graph that have more than one service, by name. */
export function namespacesOf(nodes: readonly GraphNode[]): readonly string[] {
  const sizes = new Map<string, number>()
  for (const { namespace } of nodes)
    if (namespace !== undefined && namespace !== '') sizes.set(namespace, (sizes.get(namespace) ?? 0) + 1)
  return [...sizes].flatMap(([name, size]) => (size > 1 ? [name] : [])).sort()
}

/**
 * Draws each of some namespaces as one node. Databases, queues and peers that one such namespace alone calls are within it. Calls within a group
 * are not drawn; those between two are added up. O(nodes + edges).
 */
export function grouped({ nodes, edges }: Grouped['graph'], collapsed: ReadonlySet<string>): Grouped {
  const groupOf = new Map<string, string>()
  for (const { id, namespace } of nodes)
    if (namespace !== undefined && collapsed.has(namespace)) groupOf.set(id, namespace)
  const callers = Map.groupBy(edges, ({ server }) => server)
  for (const { id, kind } of nodes) {
    if (kind === 'service' || kind === 'user' || groupOf.has(id)) continue
    const from = new Set((callers.get(id) ?? []).map(({ client }) => groupOf.get(client)))
    const [only] = from
    if (from.size === 1 && only !== undefined) groupOf.set(id, only)
  }
  const drawnAs = (id: string) => {
    const group = groupOf.get(id)
    return group === undefined ? id : groupId(group)
  }
  const members = Map.groupBy(
    nodes.filter(({ id }) => groupOf.has(id)),
    ({ id }) => groupOf.get(id) ?? '',
  )
  const groups = new Map(
    [...members].map(([namespace, of]) => [groupId(namespace), { namespace, members: of }] as const),
  )
  const between = Map.groupBy(
    edges.map((edge) => ({ ...edge, client: drawnAs(edge.client), server: drawnAs(edge.server) })),
    ({ client, server, connection }) => JSON.stringify([client, server, connection]),
  )
  return {
    groups,
    graph: {
      nodes: [
        ...nodes.filter(({ id }) => !groupOf.has(id)),
        ...[...groups].map(([id, group]) => nodeFor(id, group)),
      ],
      edges: [...between.values()].flatMap((calls) => {
        const [first] = calls
        // A call to oneself is one only where it was before.
        if (first === undefined || (first.client === first.server && groups.has(first.client))) return []
        return [calls.length === 1 ? first : addedUp(first, calls)]
      }),
    },
  }
}

function nodeFor(id: string, { namespace, members }: Group): GraphNode {
  const rate = sum(members.map((one) => one.rate))
  const scores = members.flatMap(({ anomaly_score }) => (anomaly_score === null ? [] : [anomaly_score]))
  return {
    id,
    name: namespace,
    kind: 'service',
    namespace,
    rate,
    error_rate: rate === 0 ? 0 : Math.min(1, sum(members.map((one) => one.rate * one.error_rate)) / rate),
    latency: null,
    exclusive_ms: null,
    anomaly_score: scores.length === 0 ? null : Math.max(...scores),
    last_seen: latest(members),
  }
}

function addedUp(first: GraphEdge, calls: readonly GraphEdge[]): GraphEdge {
  const rate = sum(calls.map((one) => one.rate))
  return {
    ...first,
    calls: sum(calls.map((one) => one.calls)),
    failures: sum(calls.map((one) => one.failures)),
    rate,
    error_rate: rate === 0 ? 0 : Math.min(1, sum(calls.map((one) => one.rate * one.error_rate)) / rate),
    // Quantiles of several cannot be added.
    client_latency: null,
    server_latency: null,
    gap_ms: null,
    last_seen: latest(calls),
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const latest = (all: readonly { readonly last_seen: string }[]): string =>
  all.reduce((last, { last_seen }) => (last_seen > last ? last_seen : last), '')
