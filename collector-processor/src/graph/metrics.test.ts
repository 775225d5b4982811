import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { registerServiceGraphMetrics } from './metrics.ts'
import { call, span, T0, testGraph } from './testing/traffic.ts'

it('shows the graph as Tempo names it, with cumulative buckets', async () => {
  const test = testGraph()
  const registry = new Registry()
  registerServiceGraphMetrics(registry, test.graph)
  for (let i = 0; i < 3; i++) test.send(call('web', 'cart', { ms: 10 }), T0)
  test.send(call('web', 'cart', { ms: 3000, failed: true }), T0)
  const attributes = { 'db.system.name': 'redis', 'db.namespace': 'carts', 'server.address': 'redis' }
  test.send([span({ service: 'cart', kind: 'client', ms: 4, attributes })], T0)
  test.send([span({ service: 'user', kind: 'server', ms: 4 })], T0)
  const text = await registry.metrics()
  const labels = 'client="web",server="cart",connection_type=""'
  const buckets = 'traces_service_graph_request_server_seconds_bucket'
  expect(text).toContain(`traces_service_graph_request_total{${labels}} 4`)
  expect(text).toContain(`traces_service_graph_request_failed_total{${labels}} 1`)
  expect(text).toContain(`${buckets}{${labels},le="0.004"} 0`)
  expect(text).toContain(`${buckets}{${labels},le="0.016"} 3`)
  expect(text).toContain(`${buckets}{${labels},le="4.096"} 4`)
  expect(text).toContain(`${buckets}{${labels},le="+Inf"} 4`)
  expect(text).toContain(`traces_service_graph_request_server_seconds_sum{${labels}} 3.022`)
  expect(text).toContain(`traces_service_graph_request_client_seconds_count{${labels}} 4`)
  expect(text).toMatch(/request_total\{client="cart",server="[^"]+",connection_type="database"\} 1/)
  expect(text).toContain('request_total{client="user:user",server="user",connection_type="virtual_node"} 1')
  // a scrape takes nothing away
  expect(await registry.metrics()).toBe(text)
})
