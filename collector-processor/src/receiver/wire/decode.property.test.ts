import fc from 'fast-check'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { LogColumns, MetricColumns, SpanColumns } from '../../telemetry/columns.ts'
import { hexId } from '../../telemetry/ids.ts'
import { DecodeError } from '../../telemetry/protobuf/cursor.ts'
import { SpanBatchBuilder } from '../../telemetry/span-builder.ts'
import { createTables } from '../../telemetry/tables.ts'
import { encodeJsonRequest } from '../json/encode.ts'
import { decodeLogs } from './logs.ts'
import { decodeMetrics } from './metrics.ts'
import { decodeTraces } from './traces.ts'

const tables = createTables({ max_strings: 5000, max_resources: 500, max_services: 500 }, new Registry())

/** Every decoder ends, with rows or with a DecodeError, and never with anything else. */
function survives(bytes: Uint8Array): void {
  const decoders = [
    () => decodeTraces(bytes, tables, new SpanColumns(tables.strings)),
    () => decodeMetrics(bytes, tables, new MetricColumns(tables.strings, tables.attributeSets.sets)),
    () => decodeLogs(bytes, tables, new LogColumns(tables.strings), 1),
  ]
  for (const decode of decoders) {
    try {
      decode()
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError)
    }
  }
}

const id = (digits: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: digits, maxLength: digits })
    .map((hex) => hex.map((digit) => digit.toString(16)).join(''))
    .filter((hex) => /[^0]/.test(hex))

const text = fc.oneof(
  fc.constantFrom('127.0.0.1', 'db.shop', 'ü', '', '503', 'UNAVAILABLE', '::1', ' '),
  fc.string({ maxLength: 200, unit: 'grapheme' }),
)
const number = fc.oneof(text, fc.integer({ min: 0, max: 70_000 }))
const attributes = fc.record(
  {
    'http.response.status_code': number,
    'http.status_code': number,
    'server.port': number,
    'network.peer.port': number,
    'rpc.grpc.status_code': number,
    'rpc.response.status_code': number,
    'error.type': text,
    'peer.service': text,
    'server.address': text,
    'db.system.name': text,
    'db.namespace': text,
    'messaging.destination.name': text,
    'network.peer.address': text,
    'url.full': text,
  },
  { requiredKeys: [] },
)

const spans = fc.record({
  traceId: id(32),
  spanId: id(16),
  parentSpanId: fc.option(id(16), { nil: undefined }),
  name: fc.string({ maxLength: 40 }),
  kind: fc.integer({ min: 0, max: 5 }),
  status: fc.integer({ min: 0, max: 2 }),
  startMs: fc.integer({ min: 1, max: 2 ** 41 }),
  durationMs: fc.integer({ min: 0, max: 100_000 }),
  attributes,
})

describe('decoders', () => {
  it('survive random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: 2000, seed: 1 })
  })

  it('survive mutations of good requests', () => {
    const good = encodeJsonRequest('metrics', {
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'host.name', value: { stringValue: 'h' } }] },
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'm',
                  exponentialHistogram: {
                    dataPoints: [
                      { timeUnixNano: 9, positive: { bucketCounts: [1, 2] }, attributes: [{ key: 'k' }] },
                    ],
                  },
                },
                {
                  name: 'h',
                  histogram: { dataPoints: [{ timeUnixNano: 9, bucketCounts: [1, 2], explicitBounds: [1] }] },
                },
              ],
            },
          ],
        },
      ],
    })
    const mutation = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(mutation, fc.nat(good.length), (changes, length) => {
        const bytes = good.slice(0, Math.max(length, good.length - 10))
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        survives(bytes)
      }),
      { numRuns: 2000, seed: 2 },
    )
  })

  it('read of encoded spans what the builder makes of the same plain values', () => {
    fc.assert(
      fc.property(spans, (plain) => {
        const { attributes, startMs, durationMs, status, parentSpanId, ...rest } = plain
        const span = {
          ...rest,
          parentSpanId: parentSpanId ?? '',
          status: { code: status },
          startTimeUnixNano: `${startMs}000000`,
          endTimeUnixNano: `${startMs + durationMs}000000`,
          attributes: Object.entries(attributes).map(([key, value]) => ({
            key,
            value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
          })),
        }
        const batch = new SpanColumns(tables.strings)
        const bytes = encodeJsonRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
        expect(decodeTraces(bytes, tables, batch).total).toBe(0)
        const { parentSpanId: parent, ...others } = plain
        const built = new SpanBatchBuilder(tables).add({
          ...others,
          ...(parent !== undefined && { parentSpanId: parent }),
          resource: {},
        }).batch
        const row = (from: typeof built) => ({
          trace: hexId(from.trace0[0]!, from.trace1[0]!, from.trace2[0]!, from.trace3[0]!),
          span: hexId(from.span0[0]!, from.span1[0]!),
          parent: hexId(from.parent0[0]!, from.parent1[0]!),
          name: tables.strings.get(from.name[0]!),
          peer: tables.strings.get(from.peer[0]!),
          address: tables.strings.get(from.address[0]!),
          numbers: [from.kind[0], from.status[0], from.failed[0], from.peerKind[0], from.durationMs[0]],
        })
        expect(row(batch)).toEqual(row(built))
      }),
      { numRuns: 500, seed: 3 },
    )
  })
})
