import { describe, expect, it } from 'vitest'
import { span, spanId, T0, testGraph, traceId } from './testing/traffic.ts'

const HOUR = 3_600_000
const on = (host: string) => ({ resource: { 'host.name': host } })

/** A call of 10 ms whose server took 6 of them, between hosts whose clocks are off by so much. */
function callAcross(ahead: number, at = 0, ms = 6) {
  const trace = traceId()
  const id = spanId()
  return [
    span({ service: 'web', kind: 'client', trace, id, at, ms: 10, ...on('a') }),
    span({ service: 'cart', kind: 'server', trace, parent: id, at: at + 2 + ahead, ms, ...on('b') }),
  ]
}

describe('host clocks', () => {
  it('are found hours apart, and no gap depends on them', () => {
    for (const ahead of [3 * HOUR, -3 * HOUR, 50]) {
      const test = testGraph()
      for (let i = 0; i < 5; i++) test.send(callAcross(ahead), T0)
      const { clocks, edges } = test.graph.snapshot(T0)
      expect(clocks).toHaveLength(1)
      expect(clocks[0]).toMatchObject({ client: 'a', server: 'b', error_ms: 2 })
      expect(clocks[0]?.offset_ms).toBeCloseTo(ahead, 6)
      expect(edges.find(({ connection }) => connection === 'call')?.gap_ms).toBeCloseTo(4, 9)
    }
  })

  it('are not assumed to differ as long as they need not', () => {
    const test = testGraph()
    for (let i = 0; i < 5; i++) test.send(callAcross(1.5), T0)
    expect(test.graph.snapshot(T0).clocks).toEqual([])
  })

  it('tell how long a message waited', () => {
    const test = testGraph()
    for (let i = 0; i < 5; i++) test.send(callAcross(2 * HOUR), T0)
    const trace = traceId()
    const id = spanId()
    test.send(
      [
        span({ service: 'web', kind: 'producer', trace, id, ms: 2, ...on('a') }),
        span({ service: 'mail', kind: 'consumer', trace, parent: id, at: 42 + 2 * HOUR, ...on('b') }),
      ],
      T0,
    )
    expect(test.edge('web', 'mail', T0)?.gap_ms).toBeCloseTo(40, 6)
  })

  it('keep the exclusive time of a span whose child ran elsewhere, in any order', () => {
    for (const turn of [false, true]) {
      const test = testGraph()
      for (let i = 0; i < 5; i++) test.send(callAcross(-HOUR), T0)
      const trace = traceId()
      const id = spanId()
      // a proxy without client spans
      const spans = [
        span({ service: 'proxy', name: 'pass', kind: 'server', trace, id, ms: 30, ...on('a') }),
        span({ service: 'cart', kind: 'server', trace, parent: id, at: 5 - HOUR, ms: 20, ...on('b') }),
      ]
      for (const one of turn ? spans.toReversed() : spans) test.send([one], T0)
      expect(test.graph.operations('proxy', T0 + 60_000)?.operations[0]?.exclusive_ms).toBeCloseTo(10, 6)
    }
  })

  it('pass over a server that goes on without its client, and follow a clock that was set', () => {
    const test = testGraph()
    const offset = () => test.graph.snapshot(T0).clocks[0]?.offset_ms ?? 0
    for (let i = 0; i < 20; i++) test.send(callAcross(1000), T0)
    test.send(callAcross(1000, 0, 500), T0)
    test.send(callAcross(-700), T0)
    expect(offset()).toBeCloseTo(1000, 6)
    for (let i = 0; i < 20; i++) test.send(callAcross(-700), T0)
    expect(offset()).toBeCloseTo(-700, 6)
  })

  it('follow a clock that drifts', () => {
    const test = testGraph()
    for (let minute = 0; minute < 600; minute++)
      test.send(callAcross(500 + minute * 2, minute * 60_000), T0 + minute * 60_000)
    const { clocks } = test.graph.snapshot(T0 + 600 * 60_000)
    expect(Math.abs((clocks[0]?.offset_ms ?? 0) - (500 + 599 * 2))).toBeLessThan(10)
  })

  it('are bounded, and a host that is quiet gives way', async () => {
    const test = testGraph()
    for (let i = 0; i < 9000; i++) test.send([span({ service: 's', kind: 'server', ...on(`h${i}`) })], T0 + i)
    for (let i = 0; i < 5; i++) test.send(callAcross(HOUR), T0 + 10_000)
    expect(test.graph.snapshot(T0 + 10_000).clocks).toMatchObject([{ client: 'a', server: 'b' }])
    expect(await test.dropped('relation_limit')).toBeGreaterThan(800)
  })
})
