import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { LogColumns, MetricColumns, SpanColumns } from '../../telemetry/columns.ts'
import { hexId } from '../../telemetry/ids.ts'
import { DecodeError } from '../../telemetry/protobuf/cursor.ts'
import { createTables } from '../../telemetry/tables.ts'
import { encodeJsonRequest } from '../json/encode.ts'
import { decodeLogs } from './logs.ts'
import { decodeMetrics } from './metrics.ts'
import { decodeTraces } from './traces.ts'

const tables = createTables({ max_strings: 20_000, max_resources: 100, max_services: 100 }, new Registry())
const ones = (length: number) => new Array<number>(length).fill(1)
const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
const number = (key: string, value: number) => ({ key, value: { intValue: String(value) } })
const resource = { attributes: [text('service.name', 'cart'), text('service.namespace', 'shop')] }

const span = {
  traceId: '0123456789ABCDEF0123456789abcdef',
  spanId: 'fedcba9876543210',
  parentSpanId: '00000000000000ff',
  name: 'GET /',
  kind: 3,
  startTimeUnixNano: '1700000000000000123',
  endTimeUnixNano: '1700000000012500123',
  attributes: [
    text('server.address', '10.0.0.7'),
    number('server.port', 8080),
    number('http.response.status_code', 503),
    text('url.full', 'http://10.0.0.7:8080/'),
  ],
  links: [{ traceId: 'f'.repeat(32), spanId: 'e'.repeat(16) }],
  status: { code: 2, message: 'boom' },
  events: [{ timeUnixNano: '1', name: 'exception' }],
}

function traces(spans: readonly unknown[]) {
  return encodeJsonRequest('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
}

function decoded(spans: readonly unknown[]) {
  const batch = new SpanColumns(tables.strings)
  const rejections = decodeTraces(traces(spans), tables, batch)
  return { batch, rejections }
}

describe('traces', () => {
  it('weighs a span by its trace state, and one without as one', () => {
    const { batch, rejections } = decoded([span, { ...span, traceState: 'other=1,ot=th:c' }, span])
    expect(rejections.total).toBe(0)
    expect([...batch.weight.subarray(0, 3)]).toEqual([1, 4, 1])
  })

  it('fills every column', () => {
    const { batch, rejections } = decoded([span, { ...span, parentSpanId: '', links: [], status: {} }])
    expect(rejections.total).toBe(0)
    expect(batch.length).toBe(2)
    expect(batch.resources[batch.resource[0]!]?.service).toBe('shop/cart')
    expect(hexId(batch.trace0[0]!, batch.trace1[0]!, batch.trace2[0]!, batch.trace3[0]!)).toBe(
      '0123456789abcdef0123456789abcdef',
    )
    expect(hexId(batch.span0[0]!, batch.span1[0]!)).toBe('fedcba9876543210')
    expect(hexId(batch.parent0[0]!, batch.parent1[0]!)).toBe('00000000000000ff')
    expect([batch.parent0[1], batch.parent1[1]]).toEqual([0, 0])
    expect([batch.kind[0], batch.status[0], batch.status[1], batch.failed[0]]).toEqual([3, 2, 0, 1])
    expect(batch.startMs[0]).toBeCloseTo(1_700_000_000_000, 2)
    expect(batch.durationMs[0]).toBe(12.5)
    expect(tables.strings.get(batch.name[0]!)).toBe('GET /')
    expect(tables.strings.get(batch.peer[0]!)).toBe('10.0.0.7:8080')
    expect(tables.strings.get(batch.address[0]!)).toBe('10.0.0.7:8080')
    expect([...batch.linkStart.subarray(0, 3)]).toEqual([0, 1, 1])
    expect(hexId(batch.linkTrace3[0]!, batch.linkSpan1[0]!)).toBe('ffffffffeeeeeeee')
  })

  it.each([
    ['invalid_trace_id', { traceId: 'ab' }],
    ['invalid_trace_id', { traceId: '0'.repeat(32) }],
    ['invalid_trace_id', { traceId: undefined }],
    ['invalid_span_id', { spanId: '0'.repeat(16) }],
    ['invalid_span_id', { spanId: 'abcd' }],
    ['invalid_parent_id', { parentSpanId: 'abcd' }],
    ['zero_time', { startTimeUnixNano: 0 }],
    ['zero_time', { endTimeUnixNano: undefined }],
    ['negative_duration', { endTimeUnixNano: '1700000000000000122' }],
  ] as const)('rejects %s of %j alone and keeps its neighbours', (reason, change) => {
    const { batch, rejections } = decoded([span, { ...span, ...change }, span])
    expect([...rejections.byReason]).toEqual([[reason, 1]])
    expect(batch.length).toBe(2)
    expect([...batch.linkStart.subarray(0, 3)]).toEqual([0, 1, 2])
    expect(rejections.message()).toMatch(/^1 (with|without|that)/)
  })

  it('takes an empty request', () => {
    const batch = new SpanColumns(tables.strings)
    expect(decodeTraces(new Uint8Array(0), tables, batch).total).toBe(0)
    expect(batch.length).toBe(0)
  })

  it('keeps the rows of many requests apart and of one large request together', () => {
    const { batch } = decoded(Array.from({ length: 5000 }, (_, i) => ({ ...span, name: `op ${i}` })))
    expect(batch.length).toBe(5000)
    expect(tables.strings.get(batch.name[4999]!)).toBe('op 4999')
    decodeTraces(traces([span]), tables, batch)
    expect([batch.length, batch.resources.length]).toEqual([1, 1])
  })
})

const points = (metric: object) =>
  encodeJsonRequest('metrics', {
    resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'meter' }, metrics: [metric] }] }],
  })

function metric(json: object) {
  const batch = new MetricColumns(tables.strings, tables.attributeSets.sets)
  const rejections = decodeMetrics(points(json), tables, batch)
  return { batch, rejections }
}

describe('metrics', () => {
  const time = { startTimeUnixNano: '1700000000000000000', timeUnixNano: '1700000060000000000' }

  it('reads sums with what they have in common', () => {
    const { batch } = metric({
      name: 'system.cpu.time',
      unit: 's',
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          { ...time, asDouble: 1.5, attributes: [text('cpu.mode', 'idle'), number('cpu', 3)] },
          { ...time, asInt: '-7', attributes: [number('cpu', 3), text('cpu.mode', 'idle')] },
          { ...time, flags: 1 },
        ],
      },
    })
    expect(batch.length).toBe(3)
    expect([batch.kind[0], batch.temporality[0], batch.monotonic[0]]).toEqual([2, 2, 1])
    expect([batch.name[0], batch.unit[0], batch.scope[0]].map((id) => tables.strings.get(id!))).toEqual([
      'system.cpu.time',
      's',
      'meter',
    ])
    expect([...batch.value.subarray(0, 3)]).toEqual([1.5, -7, Number.NaN])
    expect([...batch.stale.subarray(0, 3)]).toEqual([0, 0, 1])
    expect([batch.startMs[0], batch.timeMs[0]]).toEqual([1_700_000_000_000, 1_700_000_060_000])
    expect(batch.attributes[0]).toBe(batch.attributes[1])
    expect([...batch.attributeSets[batch.attributes[0]!]!.values]).toEqual([
      ['cpu.mode', 'idle'],
      ['cpu', '3'],
    ])
    expect(batch.attributeSets[batch.attributes[2]!]!.values.size).toBe(0)
  })

  it('reads explicit and exponential histograms and summaries', () => {
    const explicit = metric({
      name: 'h',
      histogram: {
        aggregationTemporality: 1,
        dataPoints: [
          { ...time, count: 6, sum: 9.5, bucketCounts: ['1', 2, '3'], explicitBounds: [5, 10] },
          { ...time, count: '2', bucketCounts: [2, 0], explicitBounds: [1] },
        ],
      },
    }).batch
    const start = explicit.bucketStart[1]!
    expect([...explicit.bucketCounts.subarray(0, 5)]).toEqual([1, 2, 3, 2, 0])
    expect([...explicit.bounds.subarray(0, 2), explicit.bounds[start]]).toEqual([5, 10, 1])
    expect([explicit.count[0], explicit.value[0], explicit.value[1]]).toEqual([6, 9.5, Number.NaN])
    expect([...explicit.bucketLength.subarray(0, 2), start]).toEqual([3, 2, 3])
    const { batch } = metric({
      name: 'e',
      exponentialHistogram: {
        dataPoints: [
          {
            ...time,
            count: 5,
            sum: 4,
            scale: -2,
            zeroCount: 1,
            positive: { offset: -3, bucketCounts: ['1', '300'] },
            negative: { offset: 9, bucketCounts: [7] },
          },
        ],
      },
    })
    expect([batch.scale[0], batch.zeroCount[0], batch.offset[0], batch.kind[0]]).toEqual([-2, 1, -3, 4])
    expect([...batch.bucketCounts.subarray(0, 2)]).toEqual([1, 300])
    const summary = metric({
      name: 's',
      summary: {
        dataPoints: [{ ...time, count: 3, sum: 6, quantileValues: [{ quantile: 0.5, value: 2 }] }],
      },
    }).batch
    expect([summary.kind[0], summary.count[0], summary.value[0]]).toEqual([5, 3, 6])
  })

  it.each([
    ['zero_time', { gauge: { dataPoints: [{ asDouble: 1 }] } }],
    ['not_finite', { gauge: { dataPoints: [{ ...time, asDouble: 'NaN' }] } }],
    ['not_finite', { sum: { dataPoints: [{ ...time, asDouble: '-Infinity' }] } }],
    ['not_finite', { histogram: { dataPoints: [{ ...time, count: 1, sum: 'Infinity' }] } }],
    ['no_value', { gauge: { dataPoints: [{ ...time }] } }],
    [
      'invalid_buckets',
      { histogram: { dataPoints: [{ ...time, count: 1, bucketCounts: [1], explicitBounds: [1, 2] }] } },
    ],
    [
      'invalid_buckets',
      { histogram: { dataPoints: [{ ...time, count: 1, bucketCounts: [1, 0, 0], explicitBounds: [2, 1] }] } },
    ],
    [
      'too_many_buckets',
      {
        exponentialHistogram: { dataPoints: [{ ...time, count: 1, positive: { bucketCounts: ones(4097) } }] },
      },
    ],
    [
      'too_many_buckets',
      {
        exponentialHistogram: {
          dataPoints: [
            {
              ...time,
              count: 1,
              positive: { bucketCounts: ones(2048) },
              negative: { bucketCounts: ones(2049) },
            },
          ],
        },
      },
    ],
    [
      'too_many_buckets',
      {
        histogram: {
          dataPoints: [
            { ...time, count: 1, bucketCounts: ones(4097), explicitBounds: [...ones(4096).keys()] },
          ],
        },
      },
    ],
  ] as const)('rejects %s', (reason, data) => {
    const { batch, rejections } = metric({ name: 'm', ...data })
    expect([...rejections.byReason]).toEqual([[reason, 1]])
    expect(batch.length).toBe(0)
  })

  it('takes the points beside one of too many buckets, up to 4,096 each', () => {
    const { batch, rejections } = metric({
      name: 'm',
      exponentialHistogram: {
        dataPoints: [
          { ...time, count: 1, positive: { bucketCounts: ones(100_000) } },
          { ...time, count: 2, positive: { offset: 3, bucketCounts: ones(4096) } },
        ],
      },
    })
    expect([...rejections.byReason]).toEqual([['too_many_buckets', 1]])
    expect(rejections.message()).toBe('1 past the limit of histogram buckets in one point or in one request')
    expect([batch.length, batch.count[0], batch.offset[0], batch.bucketLength[0]]).toEqual([1, 2, 3, 4096])
    expect([...batch.bucketCounts.subarray(0, 4096)]).toEqual(ones(4096))
  })
})

it('gives attributes of metrics that nothing is made of no room', () => {
  const few = createTables({ max_strings: 100, max_resources: 100, max_services: 100 }, new Registry(), [
    'used',
  ])
  const batch = new MetricColumns(few.strings, few.attributeSets.sets)
  const metric = (name: string) => ({
    name,
    gauge: {
      dataPoints: Array.from({ length: 300 }, (_, i) => ({
        timeUnixNano: '1700000000000000000',
        asDouble: i,
        attributes: [text('user.id', `${i}`)],
      })),
    },
  })
  const sent = (name: string) => {
    const json = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric(name)] }] }] }
    return decodeMetrics(encodeJsonRequest('metrics', json), few, batch)
  }
  sent('app.logins')
  expect(batch.length).toBe(300)
  expect([few.attributeSets.sets.length, few.attributeSets.overflowed]).toEqual([2, 0])
  sent('used')
  expect(few.attributeSets.sets.length).toBe(102)
  expect(batch.strings.get(batch.name[0]!)).toBe('used')
})

describe('logs', () => {
  it('reads time, severity, ids, bodies and exceptions', () => {
    const bytes = encodeJsonRequest('logs', {
      resourceLogs: [
        {
          resource,
          scopeLogs: [
            {
              logRecords: [
                {
                  timeUnixNano: '1700000000000000000',
                  severityNumber: 17,
                  body: { stringValue: 'payment failed: ü' },
                  traceId: 'a'.repeat(32),
                  spanId: 'b'.repeat(16),
                },
                { observedTimeUnixNano: '1700000001000000000', severityText: 'warning', traceId: 'abcd' },
                { body: { kvlistValue: { values: [text('k', 'v')] } } },
                {
                  attributes: [
                    text('a', 'b'),
                    text('exception.message', 'no such cart'),
                    text('exception.type', 'CartError'),
                  ],
                },
              ],
            },
          ],
        },
      ],
    })
    const batch = new LogColumns(tables.strings)
    expect(decodeLogs(bytes, tables, batch, 42).total).toBe(0)
    const body = (row: number) =>
      new TextDecoder().decode(batch.bytes.subarray(batch.bodyStart[row], batch.bodyEnd[row]))
    expect([...batch.timeMs.subarray(0, 3)]).toEqual([1_700_000_000_000, 1_700_000_001_000, 42])
    expect([...batch.severity.subarray(0, 3)]).toEqual([17, 13, 0])
    expect([body(0), body(1), body(3)]).toEqual(['payment failed: ü', '', 'no such cart'])
    expect([...batch.bodyMap.subarray(0, 4)]).toEqual([0, 0, 1, 0])
    expect(body(2)).toContain('v')
    expect(Array.from(batch.exception.subarray(0, 4), (id) => tables.strings.get(id))).toEqual([
      '',
      '',
      '',
      'CartError',
    ])
    expect(hexId(batch.trace3[0]!, batch.span1[0]!)).toBe('aaaaaaaabbbbbbbb')
    expect(batch.trace0[1]).toBe(0)
  })
})

describe('hostile bytes', () => {
  const good = traces([span])
  const decode = (bytes: Uint8Array) => decodeTraces(bytes, tables, new SpanColumns(tables.strings))
  const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

  it.each([
    ['a length past the end', '0a ff ff ff ff 0f'],
    ['a length of 2^63', '0a ff ff ff ff ff ff ff ff 7f'],
    ['a varint of eleven bytes', '0a 80 80 80 80 80 80 80 80 80 80 01'],
    ['a known field of the wrong wire type', '08 01'],
    ['a resource of the wrong wire type', '0a 02 08 01'],
    ['field number 0', '02 00'],
    ['wire type 7', '0f'],
    ['a cut-off tag', '80'],
    ['an unknown fixed64 that is cut off', '19 00 00'],
    ['a group that never ends', '1b'],
    ['a group end without its beginning', '1c'],
    ['groups in groups without end', '1b'.repeat(100_000)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decode(hex(bytes))).toThrow(DecodeError)
  })

  it('refuses every truncation that cuts a field', () => {
    let whole = 0
    for (let length = 1; length < good.length; length++) {
      try {
        decode(good.subarray(0, length))
        whole++
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }
    expect(whole).toBe(0)
  })

  it('steps over unknown fields of every wire type', () => {
    const unknown = hex('18 01 21 0000000000000000 2a 01 ff 3d 00000000 43 08 01 44')
    const batch = new SpanColumns(tables.strings)
    decodeTraces(Buffer.concat([unknown, good, unknown]), tables, batch)
    expect(batch.length).toBe(1)
  })

  it('steps over values nested two thousand deep', () => {
    let depth = Buffer.alloc(0)
    for (let i = 0; i < 2000; i++) {
      const length: number[] = []
      let rest = depth.length
      do {
        length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
        rest >>>= 7
      } while (rest > 0)
      depth = Buffer.concat([Uint8Array.of(0x2a, ...length), depth])
    }
    const attribute = Buffer.concat([
      Uint8Array.of(0x12, 0x80 | (depth.length & 0x7f), depth.length >> 7),
      depth,
    ])
    expect(attribute.length).toBeLessThan(16_384)
    const resourceBytes = Buffer.concat([
      Uint8Array.of(0x0a, 0x80 | (attribute.length & 0x7f), attribute.length >> 7),
      attribute,
    ])
    const scope = Buffer.concat([
      Uint8Array.of(0x0a, 0x80 | (resourceBytes.length & 0x7f), resourceBytes.length >> 7),
      resourceBytes,
    ])
    const request = Buffer.concat([
      Uint8Array.of(0x0a, 0x80 | (scope.length & 0x7f), scope.length >> 7),
      scope,
    ])
    const batch = new SpanColumns(tables.strings)
    decodeTraces(request, tables, batch)
    expect(batch.resources).toHaveLength(1)
  })

  it('reads invalid UTF-8 with U+FFFD', () => {
    const bytes = Buffer.from(good)
    bytes[bytes.indexOf('GET /')] = 0xff
    const batch = new SpanColumns(tables.strings)
    decodeTraces(bytes, tables, batch)
    expect(tables.strings.get(batch.name[0]!)).toBe('\uFFFDET /')
  })
})
