import { describe, expect, it } from 'vitest'
import { call, orders, span, spanId, T0, testGraph, traceId } from './testing/traffic.ts'

/** Connections of a graph as `client -> server kind calls/failures`, sorted. */
function shape(graph: ReturnType<typeof testGraph>, nowMs = T0 + 60_000): string[] {
  return graph.graph
    .snapshot(nowMs)
    .edges.map((e) => `${e.client} -> ${e.server} ${e.connection} ${e.calls}/${e.failures}`)
    .sort()
}

describe('pairing', () => {
  it('finds the same edge in any order and split over requests', () => {
    const trace = traceId()
    const [root, client] = [spanId(), spanId()]
    const spans = [
      span({ service: 'web', kind: 'server', trace, id: root, ms: 30 }),
      span({ service: 'web', kind: 'client', trace, id: client, parent: root, at: 5, ms: 20 }),
      span({ service: 'cart', kind: 'server', trace, parent: client, at: 8, ms: 12 }),
    ]
    for (const order of orders(spans)) {
      const test = testGraph()
      for (const one of order) test.send([one], T0 + 100)
      expect(shape(test)).toEqual(['user:user -> web user 1/0', 'web -> cart call 1/0'])
      expect(test.edge('web', 'cart')?.gap_ms).toBeCloseTo(8, 9)
    }
  })

  it('counts a request that comes twice once', async () => {
    const test = testGraph()
    const spans = call('web', 'cart')
    test.send(spans, T0)
    expect(test.repeated()).toEqual([0, 0])
    test.send(spans, T0 + 5000)
    expect(test.repeated()).toEqual([1, 1])
    expect(shape(test)).toEqual(['web -> cart call 1/0'])
    const metric = await test.registry.getSingleMetric('adf_graph_duplicate_spans_total')?.get()
    expect(metric?.values[0]?.value).toBe(2)
  })

  it('does not pair spans that come further apart than the pairing window', async () => {
    const test = testGraph()
    const [client, server] = call('web', 'cart')
    test.send([client!], T0)
    test.graph.advance(T0 + 10_001)
    test.send([server!], T0 + 10_002)
    test.graph.advance(T0 + 30_000)
    expect(shape(test)).toEqual([])
    expect(await test.dropped('parent_never_came')).toBe(1)
  })

  it('keeps traces apart that use the same span ids', () => {
    const test = testGraph()
    const [a, b] = [traceId(), traceId()]
    test.send([span({ service: 'a', kind: 'client', trace: a, id: '0000000000000001' })], T0)
    test.send([span({ service: 'b', kind: 'server', trace: b, parent: '0000000000000001' })], T0)
    expect(shape(test)).toEqual([])
  })

  it('sees self-calls, two-way calls, and a caller whose span is no client span', () => {
    const test = testGraph()
    const trace = traceId()
    const parent = spanId()
    test.send([...call('a', 'a'), ...call('a', 'b'), ...call('b', 'a')], T0)
    test.send(
      [
        span({ service: 'proxy', kind: 'server', trace, id: parent }),
        span({ service: 'a', kind: 'server', trace, parent }),
      ],
      T0,
    )
    expect(shape(test)).toEqual([
      'a -> a call 1/0',
      'a -> b call 1/0',
      'b -> a call 1/0',
      'proxy -> a call 1/0',
      'user:user -> proxy user 1/0',
    ])
  })

  it('tells the root caller from a service called user', () => {
    const test = testGraph()
    test.send([span({ service: 'user', kind: 'server' })], T0)
    expect(shape(test)).toEqual(['user:user -> user user 1/0'])
    expect(test.graph.snapshot(T0).nodes.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      'user service',
      'user:user user',
    ])
  })

  it('pairs messages by links, many to one and one to many, in any order', () => {
    const producers = [1, 2].map(() => ({ traceId: traceId(), spanId: spanId() }))
    const published = producers.map((p) =>
      span({ service: 'shop', kind: 'producer', trace: p.traceId, id: p.spanId, ms: 2 }),
    )
    const consumed = ['mail', 'stock'].map((service) =>
      span({ service, kind: 'consumer', at: 50, links: producers }),
    )
    for (const order of orders([...published, ...consumed])) {
      const test = testGraph()
      for (const one of order) test.send([one], T0)
      expect(shape(test)).toEqual(['shop -> mail messaging 2/0', 'shop -> stock messaging 2/0'])
    }
  })

  it('counts a message once whose producer is parent and link at once', () => {
    const test = testGraph()
    const producer = { traceId: traceId(), spanId: spanId() }
    test.send(
      [
        span({ service: 'shop', kind: 'producer', trace: producer.traceId, id: producer.spanId, ms: 2 }),
        span({
          service: 'mail',
          kind: 'consumer',
          trace: producer.traceId,
          parent: producer.spanId,
          at: 42,
          links: [producer],
        }),
      ],
      T0,
    )
    expect(shape(test)).toEqual(['shop -> mail messaging 1/0'])
    // from the end of publishing to the start of processing
    expect(test.edge('shop', 'mail')?.gap_ms).toBeCloseTo(40, 9)
  })
})

describe('virtual nodes', () => {
  it('makes a database at once and an unknown peer after the pairing window', () => {
    const test = testGraph()
    test.send(
      [
        span({
          service: 'cart',
          kind: 'client',
          attributes: { 'db.system.name': 'redis', 'db.namespace': 'carts' },
          failed: true,
        }),
        span({
          service: 'cart',
          kind: 'client',
          attributes: { 'server.address': 'bank.example', 'server.port': 443 },
        }),
      ],
      T0,
    )
    expect(test.graph.snapshot(T0).edges).toHaveLength(1)
    expect(test.graph.snapshot(T0).edges[0]).toMatchObject({
      client: 'cart',
      connection: 'database',
      failures: 1,
    })
    test.graph.advance(T0 + 10_001)
    expect(shape(test)).toContain('cart -> peer:bank.example peer 1/0')
  })

  it('counts failed calls to the known address of a dead service as its failures, at once', () => {
    const test = testGraph()
    const attributes = { 'server.address': 'pay', 'server.port': 8080 }
    for (let i = 0; i < 5; i++) test.send(call('cart', 'payment', { attributes, at: i }), T0)
    const trace = traceId()
    const lost = span({ service: 'cart', kind: 'client', trace, at: 100, failed: true, attributes })
    test.send([lost], T0 + 200)
    expect(test.edge('cart', 'payment')).toMatchObject({ calls: 6, failures: 1 })
    expect(test.graph.evidence(T0, T0 + 4999).edges[0]?.unanswered.window[0]).toBeCloseTo(1 / 6)
    // it was alive after all: its span comes late, and nothing is counted twice
    test.send(
      [span({ service: 'payment', kind: 'server', trace, parent: lost.spanId, at: 101, ms: 1 })],
      T0 + 900,
    )
    expect(test.edge('cart', 'payment')).toMatchObject({ calls: 6, failures: 1 })
    expect(test.graph.evidence(T0, T0 + 4999).edges[0]?.unanswered.window[0]).toBe(0)
    test.graph.advance(T0 + 60_000)
    expect(shape(test)).toEqual(['cart -> payment call 6/1'])
  })

  it('takes a quiet call to a known address for unanswered when the pairing window is over', () => {
    const test = testGraph()
    const attributes = { 'server.address': 'pay' }
    for (let i = 0; i < 5; i++) test.send(call('cart', 'payment', { attributes }), T0)
    test.send([span({ service: 'cart', kind: 'client', attributes })], T0)
    expect(test.edge('cart', 'payment')?.calls).toBe(5)
    test.graph.advance(T0 + 10_001)
    expect(shape(test)).toEqual(['cart -> payment call 6/0'])
  })
})

describe('exclusive time and errors', () => {
  const exclusive = (test: ReturnType<typeof testGraph>, service: string, operation: string) =>
    test.graph
      .evidence(T0, T0 + 4999)
      .nodes.find((node) => node.id === service)
      ?.operations.find((one) => one.operation === operation)

  it('is the span minus the union of its children, in any order of arrival', () => {
    const trace = traceId()
    const id = spanId()
    const spans = [
      span({ service: 'web', name: 'root', kind: 'server', trace, id, ms: 100 }),
      span({ service: 'web', name: 'a', trace, parent: id, at: 10, ms: 30 }),
      span({ service: 'web', name: 'b', trace, parent: id, at: 30, ms: 30 }),
      // outlives its parent: only what lies within counts
      span({ service: 'web', name: 'c', kind: 'client', trace, parent: id, at: 90, ms: 50 }),
    ]
    for (const order of orders(spans)) {
      const test = testGraph()
      for (const one of order) test.send([one], T0 + 200)
      expect(exclusive(test, 'web', 'root')?.exclusiveMs.window[0]).toBeCloseTo(40, 9)
    }
  })

  it('charges an error to the span without a failed child, in any order of arrival', () => {
    const trace = traceId()
    const [root, client] = [spanId(), spanId()]
    const spans = [
      span({ service: 'web', name: 'root', kind: 'server', trace, id: root, failed: true }),
      span({ service: 'web', kind: 'client', trace, id: client, parent: root, failed: true }),
      span({ service: 'cart', name: 'serve', kind: 'server', trace, parent: client, failed: true }),
    ]
    for (const order of orders(spans)) {
      const test = testGraph()
      for (const one of order) test.send([one], T0 + 200)
      expect(exclusive(test, 'web', 'root')?.errorOrigin.window[0]).toBe(0)
      expect(exclusive(test, 'cart', 'serve')?.errorOrigin.window[0]).toBe(1)
      expect(test.edge('web', 'cart')).toMatchObject({ calls: 1, failures: 1 })
    }
  })

  it('looks through spans within a service that did not fail themselves, in any order of arrival', () => {
    const trace = traceId()
    const [server, handler, middleware, client] = [spanId(), spanId(), spanId(), spanId()]
    const at = 0
    const spans = [
      span({ service: 'web', kind: 'server', name: 'root', trace, id: server, at, ms: 50, failed: true }),
      span({
        service: 'web',
        kind: 'internal',
        name: 'middleware',
        trace,
        id: middleware,
        parent: server,
        at,
        ms: 49,
      }),
      span({
        service: 'web',
        kind: 'internal',
        name: 'handler',
        trace,
        id: handler,
        parent: middleware,
        at,
        ms: 48,
      }),
      span({ service: 'web', kind: 'client', trace, id: client, parent: handler, at, ms: 40, failed: true }),
      span({
        service: 'cart',
        kind: 'server',
        name: 'serve',
        trace,
        parent: client,
        at,
        ms: 30,
        failed: true,
      }),
    ]
    for (const order of orders(spans)) {
      const test = testGraph()
      for (const one of order) test.send([one], T0 + 200)
      expect(exclusive(test, 'web', 'root')?.errorOrigin.window[0]).toBe(0)
      expect(exclusive(test, 'cart', 'serve')?.errorOrigin.window[0]).toBe(1)
    }
  })

  it('charges a client error that the server knows nothing of to the way', () => {
    const test = testGraph()
    test.send(call('web', 'cart', { failed: true }), T0)
    const [edge] = test.graph.evidence(T0, T0 + 4999).edges
    expect(edge?.unexplained.window[0]).toBe(1)
    expect(edge?.failures.window[0]).toBe(1)
  })
})

describe('bounds', () => {
  it('refuses nodes, edges and operations past their limits and counts them', async () => {
    const test = testGraph({ max_nodes: 3, max_edges: 1, max_operations: 2 })
    for (let i = 0; i < 5; i++) test.send([span({ service: `s${i}`, kind: 'server' })], T0)
    const { nodes, edges } = test.graph.snapshot(T0)
    expect([nodes.length, edges.length]).toEqual([3, 1])
    // `user` took the third place
    expect(await test.dropped('node_limit')).toBe(3)
    expect(await test.dropped('edge_limit')).toBeGreaterThan(0)
    for (let i = 0; i < 5; i++) test.send([span({ service: 's0', name: `op${i}` })], T0)
    expect(await test.dropped('operation_limit')).toBeGreaterThan(0)
    const operations = test.graph.evidence(T0, T0 + 4999).nodes.find(({ id }) => id === 's0')?.operations
    expect(operations?.map(({ operation }) => operation)).toContain('(other)')
  })

  it('gives up the oldest pending spans first, through growth, and still pairs the newest', async () => {
    const test = testGraph({ max_pending_spans: 8192 })
    for (let i = 0; i < 100; i++)
      test.send(
        Array.from({ length: 200 }, () => span({ service: 'lost', kind: 'server', parent: spanId() })),
        T0 + i,
      )
    test.send(call('web', 'cart'), T0 + 200)
    expect(await test.dropped('pending_limit')).toBeGreaterThan(10_000)
    expect(shape(test)).toEqual(['web -> cart call 1/0'])
  })

  it('pairs across requests while the ring grows and wraps', () => {
    const test = testGraph({ max_pending_spans: 32_768 })
    const waiting = Array.from({ length: 6000 }, (_, i) => call(`c${i % 7}`, `s${i % 5}`, { at: i }))
    for (let from = 0; from < 6000; from += 500)
      test.send(
        waiting.slice(from, from + 500).map(([, server]) => server!),
        T0 + from,
      )
    for (let from = 0; from < 6000; from += 500)
      test.send(
        waiting.slice(from, from + 500).map(([client]) => client!),
        T0 + 6000 + (from % 3),
      )
    const calls = test.graph.snapshot(T0 + 7000).edges.reduce((sum, edge) => sum + edge.calls, 0)
    expect(calls).toBe(6000)
  })

  it('forgets nodes and edges without traffic, and starts anew when they come back', () => {
    const test = testGraph({ forget_after: 60_000 })
    test.send(call('web', 'old'), T0)
    test.send(call('web', 'new', { at: 70_000 }), T0 + 70_000)
    test.graph.advance(T0 + 90_000)
    expect(
      test.graph
        .snapshot(T0 + 90_000)
        .nodes.map(({ id }) => id)
        .sort(),
    ).toEqual(['new', 'web'])
    test.send(call('web', 'old', { at: 91_000 }), T0 + 91_000)
    expect(test.edge('web', 'old', T0 + 91_000)?.calls).toBe(1)
  })

  it('takes spans without service, with nonsense times and that are their own parent', async () => {
    const test = testGraph()
    const id = spanId()
    test.send([span({ service: '' })], T0)
    test.send(
      [span({ service: 'web', kind: 'server', ms: -5 }), span({ service: 'web', ms: Number.NaN })],
      T0,
    )
    test.send([span({ service: 'web', kind: 'server', id, parent: id })], T0)
    expect(await test.dropped('no_service')).toBe(1)
    expect(await test.dropped('bad_duration')).toBe(2)
    expect(shape(test)).toEqual(['user:user -> web user 2/0'])
    expect(test.edge('user:user', 'web')?.server_latency?.p50).toBeLessThan(20)
  })
})

describe('reading the graph', () => {
  it('gives decaying rates beside whole counts', () => {
    const test = testGraph({ half_life: 60_000 })
    for (let i = 0; i < 600; i++) test.send(call('web', 'cart', { at: i * 1000 }), T0 + i * 1000)
    const now = T0 + 600_000
    expect(test.edge('web', 'cart', now)).toMatchObject({ calls: 600 })
    expect(test.edge('web', 'cart', now)?.rate).toBeCloseTo(1, 1)
    expect(test.edge('web', 'cart', now + 60_000)?.rate).toBeCloseTo(0.5, 1)
    const latency = test.edge('web', 'cart', now)?.server_latency
    expect(latency?.p50).toBeGreaterThan(7)
    expect(latency?.p50).toBeLessThanOrEqual(9)
  })

  it('knows callers, connections and exemplars', () => {
    const test = testGraph()
    const trace = traceId()
    test.send([...call('web', 'cart'), ...call('cart', 'db'), ...call('web', 'ads')], T0)
    test.send([span({ service: 'db', kind: 'server', trace, failed: true, at: 9 })], T0)
    expect(test.graph.blastRadius(['db'])).toEqual(['cart', 'web'])
    expect([...test.graph.around(['cart'])].sort()).toEqual(['cart', 'db', 'web'])
    expect([...test.graph.around(['ads', 'unheard-of'])].sort()).toEqual(['ads', 'web'])
    expect([...test.graph.reachable(['cart', 'unheard-of'])].sort()).toEqual(['cart', 'db'])
    expect(test.graph.callersOfEach(['db', 'web', 'unheard-of'])).toEqual(
      new Map([
        ['db', ['cart']],
        ['web', []],
        ['unheard-of', []],
      ]),
    )
    expect(test.graph.exemplars(['db'], T0)).toEqual([trace])
    expect(test.graph.exemplars(['db'], T0 + 10)).toEqual([])
  })
})
