import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { PeerKind, SpanKind } from './batch.ts'
import { hexId } from './ids.ts'
import { LogBatchBuilder } from './log-builder.ts'
import { MetricBatchBuilder } from './metric-builder.ts'
import { type PlainSpan, SpanBatchBuilder } from './span-builder.ts'
import { createTables } from './tables.ts'

const tables = () =>
  createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, new Registry())

const span: PlainSpan = {
  resource: { 'service.name': 'cart' },
  traceId: '0123456789abcdef0123456789abcdef',
  spanId: 'fedcba9876543210',
  name: 'GET /',
  kind: SpanKind.client,
  startMs: 1000.25,
  durationMs: 12.5,
}

function built(attributes: PlainSpan['attributes'], kind: number = SpanKind.client) {
  const { strings, resources } = tables()
  const { batch } = new SpanBatchBuilder({ strings, resources }).add({
    ...span,
    kind,
    attributes: attributes ?? {},
  })
  return {
    peer: strings.get(batch.peer[0]!),
    peerKind: batch.peerKind[0],
    address: strings.get(batch.address[0]!),
    failed: batch.failed[0] === 1,
  }
}

describe('span builder', () => {
  it('fills every column, past the first capacity', () => {
    const all = tables()
    const builder = new SpanBatchBuilder(all)
    for (let i = 0; i < 3000; i++) {
      builder.add({
        ...span,
        resource: { 'service.name': `s${i % 2}` },
        parentSpanId: '00000000000000ff',
        links: [{ traceId: 'f'.repeat(32), spanId: 'e'.repeat(16) }],
      })
    }
    const { batch } = builder
    expect(batch.length).toBe(3000)
    expect(batch.resources.map((resource) => resource.service)).toEqual(['s0', 's1'])
    const row = 2999
    expect(batch.resource[row]).toBe(1)
    expect(hexId(batch.trace0[row]!, batch.trace1[row]!, batch.trace2[row]!, batch.trace3[row]!)).toBe(
      span.traceId,
    )
    expect(hexId(batch.span0[row]!, batch.span1[row]!)).toBe(span.spanId)
    expect(hexId(batch.parent0[row]!, batch.parent1[row]!)).toBe('00000000000000ff')
    expect(all.strings.get(batch.name[row]!)).toBe('GET /')
    expect([batch.startMs[row], batch.durationMs[row]]).toEqual([1000.25, 12.5])
    expect([batch.linkStart[row], batch.linkStart[row + 1]]).toEqual([2999, 3000])
    expect(hexId(batch.linkSpan0[row]!, batch.linkSpan1[row]!)).toBe('e'.repeat(16))
    builder.reset()
    expect(batch.length).toBe(0)
  })

  it('refuses ids that are not hex of their length and adds nothing', () => {
    const builder = new SpanBatchBuilder(tables())
    expect(() => builder.add({ ...span, spanId: 'f'.repeat(32) })).toThrow(/16 hex digits/)
    expect(() => builder.add({ ...span, traceId: 'xyz' })).toThrow(/32 hex digits/)
    expect(builder.batch.length).toBe(0)
  })

  it.each([
    [
      { 'peer.service': 'mysql-main', 'db.system': 'mysql', 'server.address': 'db1' },
      'mysql-main',
      PeerKind.database,
    ],
    [{ 'service.peer.name': 'billing', 'server.address': 'b.local' }, 'billing', PeerKind.peer],
    [
      { 'db.system.name': 'postgresql', 'server.address': 'db.shop', 'server.port': 5432 },
      'db.shop',
      PeerKind.database,
    ],
    [
      { 'db.system.name': 'redis', 'server.address': '127.0.0.1', 'server.port': 6379 },
      '127.0.0.1:6379',
      PeerKind.database,
    ],
    [
      { 'db.system': 'mysql', 'network.peer.address': '::1', 'network.peer.port': 3306 },
      '::1:3306',
      PeerKind.database,
    ],
    [{ 'db.system.name': 'sqlite', 'db.namespace': 'orders' }, 'orders', PeerKind.database],
    [{ 'db.system': 'sqlite' }, 'sqlite', PeerKind.database],
    [
      { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders', 'server.address': 'k1' },
      'orders',
      PeerKind.messaging,
    ],
    [
      { 'messaging.destination.template': 'reply-{id}', 'messaging.destination.name': 'reply-7' },
      'reply-{id}',
      PeerKind.messaging,
    ],
    [{ 'net.peer.name': 'legacy', 'net.peer.port': 80 }, 'legacy', PeerKind.peer],
    [{ 'http.request.method': 'GET' }, '', PeerKind.none],
  ] as const)('names the peer of %j %s', (attributes, peer, kind) => {
    expect(built(attributes)).toMatchObject({ peer, peerKind: kind })
  })

  it('names neither peer nor address for spans that call nobody', () => {
    const attributes = { 'server.address': 'cart.shop', 'server.port': 8080, 'db.system': 'mysql' }
    expect(built(attributes, SpanKind.server)).toMatchObject({
      peer: '',
      peerKind: PeerKind.none,
      address: '',
    })
  })

  it.each([
    [{ 'http.response.status_code': 503 }, SpanKind.server, true],
    [{ 'http.status_code': 404 }, SpanKind.server, false],
    [{ 'http.status_code': '500' }, SpanKind.client, true],
    [{ 'error.type': 'timeout' }, SpanKind.internal, true],
    [{ 'rpc.grpc.status_code': 5 }, SpanKind.server, false],
    [{ 'rpc.grpc.status_code': 5 }, SpanKind.client, true],
    [{ 'rpc.grpc.status_code': 14 }, SpanKind.server, true],
    [{ 'rpc.grpc.status_code': 0 }, SpanKind.client, false],
    [{ 'rpc.response.status_code': 'UNAVAILABLE' }, SpanKind.server, true],
    [{ 'rpc.response.status_code': 'OK' }, SpanKind.client, false],
  ] as const)('reads failure from %j of kind %d: %s', (attributes, kind, failed) => {
    expect(built(attributes, kind).failed).toBe(failed)
  })
})

describe('metric builder', () => {
  it('keeps points, buckets and attribute sets', () => {
    const all = tables()
    const { batch } = new MetricBatchBuilder(all)
      .add({ resource: {}, name: 'a', kind: 'gauge', timeMs: 5, value: 1, attributes: { x: 1, y: 'b' } })
      .add({
        resource: {},
        name: 'h',
        kind: 'histogram',
        timeMs: 6,
        value: 9,
        count: 3,
        bucketCounts: [1, 2],
        bounds: [10],
        attributes: { y: 'b', x: '1' },
      })
      .add({ resource: {}, name: 'gone', kind: 'sum', timeMs: 7, stale: true, value: 4 })
    expect(batch.attributes[0]).toBe(batch.attributes[1])
    expect(batch.attributeSets[batch.attributes[0]!]?.values.get('x')).toBe('1')
    const start = batch.bucketStart[1]!
    expect([...batch.bucketCounts.subarray(start, start + batch.bucketLength[1]!)]).toEqual([1, 2])
    expect(batch.bounds[start]).toBe(10)
    expect([batch.stale[2], batch.value[2]]).toEqual([1, Number.NaN])
  })

  it('puts attribute sets past the limit under one overflow set', () => {
    const all = tables()
    const builder = new MetricBatchBuilder(all)
    for (let i = 0; i < 1100; i++) {
      builder.add({ resource: {}, name: 'm', kind: 'gauge', timeMs: 1, value: 1, attributes: { i } })
    }
    const { batch } = builder
    expect(batch.attributeSets[batch.attributes[999]!]?.values.get('i')).toBe('999')
    expect(batch.attributeSets[batch.attributes[1099]!]?.values.get('otel.metric.overflow')).toBe('true')
    expect(all.attributeSets.overflowed).toBe(100)
  })
})

describe('log builder', () => {
  it('keeps bodies as UTF-8', () => {
    const { batch } = new LogBatchBuilder(tables())
      .add({ resource: {}, timeMs: 1, severity: 9, body: 'zahlung läuft' })
      .add({ resource: {}, timeMs: 2, severity: 17, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) })
      .add({ resource: {}, timeMs: 3, severity: 17, body: 'x' })
    const body = (row: number) =>
      new TextDecoder().decode(batch.bytes.subarray(batch.bodyStart[row], batch.bodyEnd[row]))
    expect([body(0), body(1), body(2)]).toEqual(['zahlung läuft', '', 'x'])
    expect(hexId(batch.trace0[1]!, batch.trace3[1]!)).toBe('a'.repeat(16))
  })
})
