import type { Rng } from '@adf/detectors'
import { encodeJsonRequest } from '@adf/processor'

export type Signal = 'traces' | 'metrics' | 'logs'

/** A sound request, in both of OTLP's encodings. */
export interface Recording {
  readonly signal: Signal
  readonly json: unknown
  readonly protobuf: Uint8Array
}

const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
})

const resource = (service: string) => ({
  attributes: [
    attribute('service.name', service),
    attribute('service.namespace', 'shop'),
    attribute('service.instance.id', `${service}-1`),
    attribute('host.name', 'host-1'),
    { key: 'tags', value: { arrayValue: { values: [{ stringValue: 'a' }, { doubleValue: 1.5 }] } } },
    {
      key: 'map',
      value: { kvlistValue: { values: [attribute('x', 1), { key: 'y', value: { boolValue: true } }] } },
    },
    { key: 'raw', value: { bytesValue: 'AAEC' } },
  ],
})

const scope = { name: 'shop', version: '1.0.0', attributes: [attribute('library', 'http')] }

/** One small request for each shape that the decoders know: a few kilobytes, every field of OTLP 1.x once at least. Times are near `nowMs`. */
export function recordings(nowMs: number, rng: Rng): Recording[] {
  const nano = (ms: number) => `${Math.round(nowMs + ms)}000000`
  const id = (length: number) =>
    Array.from({ length }, () =>
      Math.floor(rng() * 256)
        .toString(16)
        .padStart(2, '0'),
    ).join('')
  const [traceId, clientId, serverId] = [id(16), id(8), id(8)]
  const exemplars = [
    {
      timeUnixNano: nano(-5),
      asDouble: 3.5,
      spanId: serverId,
      traceId,
      filteredAttributes: [attribute('k', 'v')],
    },
  ]
  const span = { traceId, startTimeUnixNano: nano(-40), endTimeUnixNano: nano(-2) }
  const point = {
    startTimeUnixNano: nano(-60_000),
    timeUnixNano: nano(-1),
    attributes: [attribute('http.route', '/pay')],
  }
  const spans = [
    {
      ...span,
      spanId: clientId,
      name: 'POST /pay',
      kind: 3,
      traceState: 'a=b',
      flags: 1,
      attributes: [attribute('http.request.method', 'POST'), attribute('server.address', 'payment')],
      status: { code: 2, message: 'timeout' },
    },
    {
      ...span,
      spanId: serverId,
      parentSpanId: clientId,
      name: 'POST /pay',
      kind: 2,
      attributes: [attribute('http.response.status_code', 500), attribute('db.system.name', 'postgresql')],
      events: [
        { timeUnixNano: nano(-3), name: 'exception', attributes: [attribute('exception.type', 'Timeout')] },
      ],
      links: [{ traceId: id(16), spanId: id(8), attributes: [attribute('why', 'batch')], flags: 1 }],
      droppedAttributesCount: 1,
    },
  ]
  const metrics = [
    {
      name: 'system.cpu.load_average.1m',
      unit: '{thread}',
      gauge: { dataPoints: [{ ...point, asDouble: 0.7 }] },
    },
    {
      name: 'system.cpu.time',
      unit: 's',
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          { ...point, attributes: [attribute('cpu.mode', 'idle')], asInt: '77', exemplars, flags: 1 },
        ],
      },
    },
    {
      name: 'http.server.request.duration',
      unit: 's',
      histogram: {
        aggregationTemporality: 1,
        dataPoints: [
          {
            ...point,
            count: '6',
            sum: 2.5,
            bucketCounts: ['1', '2', '3'],
            explicitBounds: [0.1, 0.5],
            exemplars,
            min: 0.01,
            max: 1,
          },
        ],
      },
    },
    {
      name: 'http.server.request.duration',
      unit: 's',
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            ...point,
            count: '7',
            sum: 2.5,
            scale: 3,
            zeroCount: '1',
            zeroThreshold: 1e-6,
            positive: { offset: -3, bucketCounts: ['1', '2', '3'] },
            negative: { offset: 2, bucketCounts: ['0'] },
            exemplars,
          },
        ],
      },
    },
    {
      name: 'rpc.duration',
      summary: {
        dataPoints: [{ ...point, count: '3', sum: 1.5, quantileValues: [{ quantile: 0.99, value: 0.9 }] }],
      },
    },
  ]
  const record = {
    timeUnixNano: nano(-1),
    observedTimeUnixNano: nano(0),
    traceId,
    spanId: serverId,
    flags: 1,
  }
  const logRecords = [
    {
      ...record,
      severityNumber: 17,
      severityText: 'ERROR',
      body: { stringValue: 'payment 4711 of ann failed after 31 ms' },
    },
    {
      ...record,
      severityNumber: 9,
      body: { kvlistValue: { values: [attribute('msg', 'cart is empty')] } },
      eventName: 'cart',
    },
    {
      ...record,
      severityNumber: 21,
      body: { stringValue: 'panic' },
      attributes: [attribute('exception.stacktrace', 'at a\nat b')],
    },
  ]
  const sound: [Signal, unknown][] = [
    [
      'traces',
      {
        resourceSpans: [
          { resource: resource('cart'), scopeSpans: [{ scope, spans, schemaUrl: 'https://x' }] },
        ],
      },
    ],
    ...metrics.map((metric): [Signal, unknown] => [
      'metrics',
      { resourceMetrics: [{ resource: resource('payment'), scopeMetrics: [{ scope, metrics: [metric] }] }] },
    ]),
    ['logs', { resourceLogs: [{ resource: resource('payment'), scopeLogs: [{ scope, logRecords }] }] }],
  ]
  return sound.map(([signal, json]) => ({ signal, json, protobuf: encodeJsonRequest(signal, json) }))
}
