import type { Graph, GraphEdge, GraphNode, NodeKind } from '@adf/contract'
import type { DataFrame, FieldConfig } from '@grafana/data'
import { reachOf } from '../../graph/reach.ts'
import { flag, number, table, text, withAnswer, withNotice } from './answer.ts'

const META = { preferredVisualisationType: 'nodeGraph' } as const

const RATE: FieldConfig = { unit: 'reqps', displayName: 'Rate' }
const MS: FieldConfig = { unit: 'ms', displayName: 'p95' }
const shown = (displayName: string, unit?: string): FieldConfig => ({
  displayName,
  ...(unit !== undefined && { unit }),
})
const coloured = (displayName: string, fixedColor: string): FieldConfig => ({
  displayName,
  color: { mode: 'fixed', fixedColor },
})

/** Names of Grafana's icons; a service has none. */
const ICONS: Readonly<Record<NodeKind, string | null>> = {
  service: null,
  database: 'database',
  messaging: 'envelope',
  peer: 'cloud',
  user: 'user',
}

const FAILING = 0.02
const edgeId = ({ client, server, connection }: GraphEdge) => `${client} ${server} ${connection}`
const latencyOf = ({ server_latency, client_latency }: GraphEdge) => server_latency ?? client_latency

/**
 * The frames `nodes` and `edges` of Grafana's node graph, of all services or of `focus` and what it reaches. An edge whose node is missing
 * would make that panel throw: it is left out, and that is said.
 */
export function graphFrames(graph: Graph, focus?: string): DataFrame[] {
  const reach = focus === undefined || focus === '' ? undefined : reachOf(graph.edges, focus)
  const nodes = reach === undefined ? graph.nodes : graph.nodes.filter(({ id }) => reach.has(id))
  const known = new Set(nodes.map(({ id }) => id))
  const wanted =
    reach === undefined
      ? graph.edges
      : graph.edges.filter(({ client, server }) => reach.has(client) && reach.has(server))
  const edges = wanted.filter(({ client, server }) => known.has(client) && known.has(server))
  const left = wanted.length - edges.length
  return [
    withAnswer(
      withNotice(
        nodesOf(nodes),
        left === 0 ? undefined : `${left} edges are left out: a node of theirs is not in the graph any more`,
      ),
      { graph: { ...graph, nodes: [...nodes], edges } },
    ),
    edgesOf(edges),
  ]
}

const nodesOf = (nodes: readonly GraphNode[]): DataFrame =>
  table(
    'nodes',
    nodes,
    [
      text('id', ({ id }) => id),
      text('title', ({ name }) => name),
      text('subtitle', ({ namespace, kind }) => (kind === 'service' ? (namespace ?? null) : kind)),
      number('mainstat', ({ rate }) => rate, RATE),
      number('secondarystat', ({ latency }) => latency?.p95 ?? null, MS),
      number('arc__good', ({ error_rate }) => 1 - error_rate, coloured('Good', 'green')),
      number('arc__failed', ({ error_rate }) => error_rate, coloured('Failed', 'red')),
      number('detail__error_rate', ({ error_rate }) => error_rate, shown('Failed', 'percentunit')),
      number('detail__p50', ({ latency }) => latency?.p50 ?? null, shown('p50', 'ms')),
      number('detail__p99', ({ latency }) => latency?.p99 ?? null, shown('p99', 'ms')),
      number('detail__exclusive', ({ exclusive_ms }) => exclusive_ms, shown('Time in itself', 'ms')),
      number('detail__score', ({ anomaly_score }) => anomaly_score, shown('Anomaly score')),
      text('detail__last_seen', ({ last_seen }) => last_seen, shown('Last seen')),
      text('icon', ({ kind }) => ICONS[kind]),
      flag('isinstrumented', ({ kind }) => kind === 'service'),
    ],
    META,
  )

const edgesOf = (edges: readonly GraphEdge[]): DataFrame =>
  table(
    'edges',
    edges,
    [
      text('id', edgeId),
      text('source', ({ client }) => client),
      text('target', ({ server }) => server),
      number('mainstat', ({ rate }) => rate, RATE),
      number('secondarystat', (edge) => latencyOf(edge)?.p95 ?? null, MS),
      number('detail__error_rate', ({ error_rate }) => error_rate, shown('Failed', 'percentunit')),
      number('detail__calls', ({ calls }) => calls, shown('Calls since first seen')),
      number('detail__gap', ({ gap_ms }) => gap_ms, shown('Gap', 'ms')),
      // By order of magnitude: a hundred times the calls are thrice the width.
      number('thickness', ({ rate }) => 1 + Math.log10(1 + rate)),
      text('color', ({ error_rate }) => (error_rate >= FAILING ? 'red' : null)),
      text('strokedasharray', ({ error_rate }) => (error_rate >= FAILING ? '6 3' : null)),
    ],
    META,
  )
