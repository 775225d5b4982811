import type { GraphEdge, GraphNode } from '@adf/contract'
import { expect, test } from 'vitest'
import { grouped, groupId, namespacesOf } from './groups.ts'

const at = '2026-03-01T03:12:05.250Z'
const node = (id: string, fields: Partial<GraphNode> = {}): GraphNode => ({
  id,
  name: id,
  kind: 'service',
  ...(id.includes('/') && { namespace: id.slice(0, id.indexOf('/')) }),
  rate: 10,
  error_rate: 0,
  latency: null,
  exclusive_ms: null,
  anomaly_score: null,
  last_seen: at,
  ...fields,
})
const edge = (client: string, server: string, fields: Partial<GraphEdge> = {}): GraphEdge => ({
  client,
  server,
  connection: 'call',
  calls: 100,
  failures: 0,
  rate: 10,
  error_rate: 0,
  client_latency: null,
  server_latency: null,
  gap_ms: null,
  last_seen: at,
  ...fields,
})
const graph = {
  nodes: [
    node('shop/front'),
    node('shop/cart', { error_rate: 0.5, anomaly_score: 0.9 }),
    node('bank/pay'),
    node('lonely'),
    node('database:carts', { kind: 'database' }),
    node('database:both', { kind: 'database' }),
  ],
  edges: [
    edge('shop/front', 'shop/cart'),
    edge('shop/front', 'bank/pay', { rate: 30, error_rate: 0.1 }),
    edge('shop/cart', 'bank/pay', { rate: 10, error_rate: 0.5 }),
    edge('shop/cart', 'database:carts', { connection: 'database' }),
    edge('shop/cart', 'database:both', { connection: 'database' }),
    edge('bank/pay', 'database:both', { connection: 'database' }),
  ],
}
const shop = groupId('shop')

test('only namespaces of several services can be collapsed', () => {
  expect(namespacesOf(graph.nodes)).toEqual(['shop'])
})

test('a namespace becomes one node with what it alone calls, and its calls are added up', () => {
  const { graph: drawn, groups } = grouped(graph, new Set(['shop']))
  expect(drawn.nodes.map(({ id }) => id)).toEqual(['bank/pay', 'lonely', 'database:both', shop])
  expect(groups.get(shop)?.members.map(({ id }) => id)).toEqual(['shop/front', 'shop/cart', 'database:carts'])
  expect(drawn.nodes.at(-1)).toMatchObject({ name: 'shop', rate: 30, anomaly_score: 0.9 })
  expect(drawn.edges.map(({ client, server, rate }) => [client, server, rate])).toEqual([
    [shop, 'bank/pay', 40],
    [shop, 'database:both', 10],
    ['bank/pay', 'database:both', 10],
  ])
  expect(drawn.edges[0]).toMatchObject({ calls: 200, error_rate: 0.2 })
})

test('without a collapsed namespace the graph is as it was', () => {
  expect(grouped(graph, new Set()).graph).toEqual(graph)
  expect(grouped(graph, new Set(['gone'])).graph).toEqual(graph)
})

test('2,000 services of 40 namespaces become 40 nodes', () => {
  const nodes = Array.from({ length: 2000 }, (_, i) => node(`ns${i % 40}/s${i}`))
  const edges = nodes.slice(1).map(({ id }, i) => edge(nodes[i]?.id ?? '', id))
  const drawn = grouped({ nodes, edges }, new Set(namespacesOf(nodes))).graph
  expect(drawn.nodes).toHaveLength(40)
  expect(drawn.edges).toHaveLength(40)
})
