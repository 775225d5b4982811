import { describe, expect, it } from 'vitest'
import { call, span, spanId, T0, testGraph, traceId } from './testing/traffic.ts'

/** One in four. */
const QUARTER = 'ot=th:c'

describe('sampled traces', () => {
  it('count for all that they stand for: calls, failures, requests, exclusive time and gaps', () => {
    const [all, sampled] = [testGraph(), testGraph()]
    const shape = { failed: true, ms: 20 }
    for (let i = 0; i < 4; i++) all.send(call('web', 'cart', shape), T0)
    sampled.send(call('web', 'cart', { ...shape, traceState: QUARTER }), T0)
    const now = T0 + 60_000
    expect(sampled.graph.snapshot(now)).toEqual(all.graph.snapshot(now))
    expect(sampled.graph.evidence(T0, T0 + 4999)).toEqual(all.graph.evidence(T0, T0 + 4999))
    expect(sampled.edge('web', 'cart')).toMatchObject({ calls: 4, failures: 4, gap_ms: 2 })
  })

  it('count in the root call, at databases, for peers and for messages', () => {
    const test = testGraph()
    const traceState = QUARTER
    const producer = { traceId: traceId(), spanId: spanId() }
    const database = { 'db.system.name': 'redis', 'db.namespace': 'carts' }
    test.send(
      [
        span({ service: 'web', kind: 'server', traceState }),
        span({ service: 'web', kind: 'client', attributes: database, traceState }),
        span({ service: 'web', kind: 'client', attributes: { 'server.address': 'bank' }, traceState }),
        span({ service: 'web', kind: 'producer', trace: producer.traceId, id: producer.spanId, traceState }),
        span({ service: 'mail', kind: 'consumer', at: 20, links: [producer], traceState }),
      ],
      T0,
    )
    test.graph.advance(T0 + 10_001)
    const edges = test.graph.snapshot(T0 + 10_001).edges
    expect(Object.fromEntries(edges.map(({ connection, calls }) => [connection, calls]))).toEqual({
      user: 4,
      database: 4,
      peer: 4,
      messaging: 4,
    })
  })

  it('are a pair as often as the rarer of its two spans is kept', () => {
    const test = testGraph()
    const [client, server] = call('web', 'cart')
    test.send(
      [
        { ...client!, traceState: 'ot=th:8' },
        { ...server!, traceState: QUARTER },
      ],
      T0,
    )
    expect(test.edge('web', 'cart')?.calls).toBe(4)
  })

  it('take an unanswered call back whole when its server comes', () => {
    const test = testGraph()
    const attributes = { 'server.address': 'pay' }
    for (let i = 0; i < 5; i++) test.send(call('cart', 'payment', { attributes }), T0)
    const trace = traceId()
    const lost = span({
      service: 'cart',
      kind: 'client',
      trace,
      failed: true,
      attributes,
      traceState: QUARTER,
    })
    test.send([lost], T0)
    expect(test.edge('cart', 'payment')).toMatchObject({ calls: 9, failures: 4 })
    test.send(
      [span({ service: 'payment', kind: 'server', trace, parent: lost.spanId, traceState: QUARTER })],
      T0,
    )
    expect(test.edge('cart', 'payment')).toMatchObject({ calls: 9, failures: 4 })
    expect(test.graph.evidence(T0, T0 + 4999).edges[0]?.unanswered.window[0]).toBe(0)
  })
})
