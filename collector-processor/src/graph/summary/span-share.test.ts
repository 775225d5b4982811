import type { Graph, Latency } from '@adf/contract'
import { expect, test } from 'vitest'
import type { PlainSpan } from '../../telemetry/span-builder.ts'
import { Shop } from '../testing/shop.ts'
import { call, span, T0, testGraph } from '../testing/traffic.ts'
import { SpanShare } from './span-share.ts'

const STEP_MS = 1000
const PARTS = 3

/** One graph that is told all spans, and one that is told what three parts of them add, split by trace. */
function both(changed: Parameters<typeof testGraph>[0] = {}) {
  const one = testGraph(changed)
  const merged = testGraph(changed)
  const parts = Array.from({ length: PARTS }, () => {
    const own = testGraph(changed)
    return { own, share: new SpanShare(own.options, merged.graph) }
  })
  const partOf = ({ traceId }: PlainSpan) => Number.parseInt(traceId.slice(-4), 16) % PARTS
  const send = (spans: readonly PlainSpan[], arrivalMs: number) => {
    one.send(spans, arrivalMs)
    for (const [at, { own, share }] of parts.entries()) {
      const its = spans.filter((each) => partOf(each) === at)
      if (its.length > 0) share.spans(own.batchOf(its), arrivalMs)
    }
  }
  const step = (nowMs: number) => {
    one.graph.advance(nowMs)
    for (const { share } of parts) {
      share.advance(nowMs)
      merged.graph.add(share.take(), nowMs)
    }
    merged.graph.advance(nowMs)
  }
  return { one, merged, send, step, parts }
}

const rounded = (value: Latency | null) =>
  value && [value.p50, value.p95, value.p99].map((ms) => ms.toPrecision(3))

/** To what half a second of decay does not change. */
function shapeOf({ nodes, edges, placements, changes }: Graph) {
  return {
    nodes: nodes
      .map(({ last_seen: _, rate, exclusive_ms, error_rate, latency, ...node }) => ({
        ...node,
        latency: rounded(latency),
        rate: rate.toPrecision(2),
        exclusive_ms: exclusive_ms?.toFixed(1),
        error_rate: error_rate.toFixed(3),
      }))
      .sort((a, b) => a.id.localeCompare(b.id)),
    edges: edges
      .map(({ last_seen: _, rate, gap_ms, error_rate, client_latency, server_latency, ...edge }) => ({
        ...edge,
        latency: [rounded(client_latency), rounded(server_latency)],
        rate: rate.toPrecision(2),
        gap_ms: gap_ms?.toFixed(1),
        error_rate: error_rate.toFixed(3),
      }))
      .sort((a, b) => `${a.client} ${a.server}`.localeCompare(`${b.client} ${b.server}`)),
    placements: placements.map(({ last_seen: _, ...placement }) => placement),
    changes: changes.map(({ at: _, ...change }) => change),
  }
}

test('what parts of the spans add, added up, is the graph of all spans, and its evidence', () => {
  const { one, merged, send, step } = both()
  const shop = new Shop(7)
  const seconds = 120
  for (let second = 0; second < seconds; second++) {
    const trouble = second > 90 ? ({ service: 'payment', fault: 'error' } as const) : undefined
    for (let n = 0; n < 10; n++) {
      const spans = shop.request(second * 1000 + n * 97, trouble)
      // Halves of a trace in two requests, the child's first.
      send(spans.slice(0, 3), T0 + second * 1000 + n * 97 + 10)
      send(spans.slice(3), T0 + second * 1000 + n * 97 + 400)
    }
    step(T0 + (second + 1) * STEP_MS)
  }
  const nowMs = T0 + seconds * 1000
  const wanted = shapeOf(one.graph.snapshot(nowMs))
  expect(wanted.edges.length).toBe(8)
  expect(shapeOf(merged.graph.snapshot(nowMs))).toEqual(wanted)
  const [ofAll, ofParts] = [one, merged].map(({ graph }) => graph.evidence(nowMs - 20_000, nowMs))
  const calls = (window: typeof ofAll) =>
    window?.nodes.map(({ id, requests }) => [id, requests.window]).sort()
  expect(calls(ofParts)).toEqual(calls(ofAll))
  expect(merged.graph.requestsBySlot('payment')).toEqual(one.graph.requestsBySlot('payment'))
  expect(merged.graph.exemplars(['payment'], 0).length).toBeGreaterThan(0)
})

test('what was told too early is taken back: an unanswered call that is answered, an error that began below', () => {
  const { one, merged, send, step } = both({ pairing_window: 10_000 })
  const address = { 'server.address': 'b', 'server.port': 80 }
  for (let n = 0; n < 12; n++) send(call('a', 'b', { at: n, attributes: address }), T0 + 100)
  step(T0 + STEP_MS)
  const [client, server] = call('a', 'b', { at: 500, attributes: address, failed: true })
  if (client === undefined || server === undefined) throw new Error('a call has two spans')
  send([client], T0 + 1100)
  step(T0 + 2 * STEP_MS)
  const unanswered = merged.edge('a', 'b')
  expect(unanswered).toMatchObject({ calls: 13, failures: 1 })
  send([{ ...server, status: 2 }], T0 + 2100)
  step(T0 + 3 * STEP_MS)
  for (const graph of [one, merged]) expect(graph.edge('a', 'b')).toMatchObject({ calls: 13, failures: 1 })
  const operations = (graph: typeof one) =>
    graph.graph
      .operations('b', T0 + 60_000)
      ?.operations.map((one) => [one.operation, one.error_origin_rate > 0])
  expect(operations(merged)).toEqual(operations(one))
})

test('placements and releases come through, and what found no room is counted in the graph', async () => {
  const { merged, send, step } = both({ max_nodes: 10 })
  const at = (version: string) => ({
    'service.version': version,
    'host.name': 'h1',
    'service.instance.id': 'i',
  })
  send([span({ service: 'a', kind: 'server', resource: at('1') })], T0)
  step(T0 + STEP_MS)
  send([span({ service: 'a', kind: 'server', resource: at('2'), at: 1500 })], T0 + 1500)
  step(T0 + 2 * STEP_MS)
  const { placements, changes } = merged.graph.snapshot(T0 + 2 * STEP_MS)
  expect(placements).toMatchObject([{ service: 'a', instance: 'i', host: 'h1' }])
  expect(changes).toMatchObject([{ service: 'a', what: 'version', from: '1', to: '2' }])
  for (let n = 0; n < 40; n++) send([span({ service: `s${n}`, kind: 'server' })], T0 + 2500)
  step(T0 + 3 * STEP_MS)
  expect(await merged.dropped('node_limit')).toBeGreaterThan(0)
})

test('a trace in two parts makes no pair: the halves are counted', async () => {
  const { merged, parts, step } = both({ pairing_window: 1000 })
  const [client, server] = call('a', 'b')
  const [first, second] = parts
  if (client === undefined || server === undefined || first === undefined || second === undefined)
    throw new Error('a call has two spans')
  first.share.spans(first.own.batchOf([client]), T0)
  second.share.spans(second.own.batchOf([server]), T0)
  for (let n = 1; n < 5; n++) step(T0 + n * STEP_MS)
  expect(merged.edge('a', 'b')).toBeUndefined()
  expect(await merged.dropped('parent_never_came')).toBe(1)
})
