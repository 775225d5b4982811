import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import {
  attribute,
  double,
  field,
  fixed64,
  integer,
  nanos,
  nested,
  opening,
  randomBytes,
  requestOf,
  varint,
  wireSpan,
} from './protobuf.ts'
import {
  call,
  frame,
  logsOf,
  metricsOf,
  nano,
  postJson,
  postProtobuf,
  type Signal,
  tracesOf,
} from './requests.ts'
import { quick, Steady } from './steady.ts'

let adf: RunningAdf
let steady: Steady
beforeAll(async () => {
  adf = await startAdf(quick)
  steady = new Steady(adf)
  await steady.ready()
})
afterAll(async () => {
  await steady?.stop()
  await adf?.stop()
})

const signals: readonly Signal[] = ['traces', 'metrics', 'logs']

/** Both transports answer as the specification says for data that is no OTLP: 400 with a Status, INVALID_ARGUMENT. */
async function expectMalformed(signal: Signal, bytes: Uint8Array): Promise<void> {
  const before = await refused(signal)
  const http = await postProtobuf(adf.httpPort, signal, bytes)
  expect(http.status, http.body.toString()).toBe(400)
  expect(http.headers['content-type']).toBe('application/x-protobuf')
  // google.rpc.Status: code 3, then a message.
  expect(http.body.subarray(0, 3)).toEqual(Buffer.of(0x08, 3, 0x12))
  expect(http.headers['retry-after']).toBeUndefined()
  const grpc = await call(adf.grpcPort, signal, frame(bytes))
  expect(grpc).toMatchObject({ code: 3, details: undefined })
  expect(grpc.message).toMatch(/^not an OTLP /)
  expect(await refused(signal)).toBe(before + 2)
}

const refused = (signal: string) =>
  adf.metric('adf_receiver_requests_total', { signal, outcome: 'malformed' })

const span = wireSpan()
const point = Buffer.concat([fixed64(3, nanos(Date.now())), double(4, 1)])
const metric = Buffer.concat([field(1, 'system.cpu.load_average.1m'), field(5, field(1, point))])
const record = Buffer.concat([fixed64(1, nanos(Date.now())), field(5, field(1, 'hello'))])
const sound: Readonly<Record<Signal, Buffer>> = {
  traces: requestOf('whole', span),
  metrics: requestOf('whole', metric),
  logs: requestOf('whole', record),
}

describe('bytes that are no OTLP', () => {
  test('the sound request is taken, so that what follows is refused for its fault', async () => {
    for (const signal of signals) {
      const answer = await postProtobuf(adf.httpPort, signal, sound[signal])
      expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) })
      expect(await call(adf.grpcPort, signal, frame(sound[signal]))).toMatchObject({ code: 0 })
    }
  })

  test.each(signals)('%s cut off anywhere', async (signal) => {
    const whole = sound[signal]
    for (const length of [1, 2, 3, 9, whole.length >> 1, whole.length - 9, whole.length - 1]) {
      await expectMalformed(signal, whole.subarray(0, length))
    }
  })

  test.each(signals)('lengths of %s that go past the rest, up to 2^64', async (signal) => {
    const lengths = [
      whole(3),
      whole(2 ** 31 - 1),
      whole(2 ** 32 - 1),
      whole(2n ** 53n),
      whole(2n ** 64n - 1n),
    ]
    for (const hostile of lengths) await expectMalformed(signal, hostile)
    // A length that fits the request but not the message around it.
    await expectMalformed(signal, Buffer.concat([field(1, Buffer.of(0x12, 40)), Buffer.alloc(64)]))
    // A varint without an end.
    await expectMalformed(signal, Buffer.concat([Buffer.of(0x0a), Buffer.alloc(12, 0xff)]))

    function whole(length: number | bigint): Buffer {
      return Buffer.concat([Buffer.of(0x0a), varint(length), Buffer.of(1)])
    }
  })

  test.each(signals)('wrong wire types in %s', async (signal) => {
    await expectMalformed(signal, integer(1, 7))
    await expectMalformed(signal, field(1, field(1, attribute(1, 'service.name', 'x')), integer(2, 1)))
    await expectMalformed(signal, field(1, fixed64(1, 1n)))
    // Wire types 6 and 7 do not exist; 4 ends a group that was not begun; field number 0 is reserved.
    for (const tag of [0x0e, 0x0f, 0x0c, 0x02]) await expectMalformed(signal, Buffer.of(tag, 0))
  })

  test('wrong wire types inside a span, a point and a record', async () => {
    await expectMalformed('traces', requestOf('x', Buffer.concat([span, integer(1, 5)])))
    await expectMalformed('traces', requestOf('x', Buffer.concat([span, field(7, 'soon')])))
    await expectMalformed('metrics', requestOf('x', field(5, field(1, field(3, 'now')))))
    await expectMalformed('logs', requestOf('x', integer(5, 1)))
  })

  test('random bytes never get anything but an answer', async () => {
    for (let round = 0; round < 200; round++) {
      const signal = signals[round % 3]!
      const bytes = randomBytes(1 + ((round * 37) % 2000))
      const { status } = await postProtobuf(adf.httpPort, signal, bytes)
      expect([200, 400]).toContain(status)
      const { code } = await call(adf.grpcPort, signal, frame(bytes))
      expect([0, 3]).toContain(code)
    }
  })

  test('sound requests with bytes flipped never get anything but an answer', async () => {
    for (let round = 0; round < 300; round++) {
      const signal = signals[round % 3]!
      const bytes = Buffer.from(sound[signal])
      const [at, to] = randomBytes(2)
      bytes[at! % bytes.length] = to!
      expect([200, 400]).toContain((await postProtobuf(adf.httpPort, signal, bytes)).status)
    }
  })

  test('frames of gRPC that lie about their length', async () => {
    const message = sound.traces
    for (const length of [0, message.length - 1, message.length + 1, 60_000_000]) {
      expect(await call(adf.grpcPort, 'traces', frame(message, { length }))).toMatchObject({ code: 3 })
    }
    expect(await call(adf.grpcPort, 'traces', Buffer.alloc(0))).toMatchObject({ code: 3 })
    expect(await call(adf.grpcPort, 'traces', Buffer.alloc(3))).toMatchObject({ code: 3 })
    const two = Buffer.concat([frame(message), frame(message)])
    expect(await call(adf.grpcPort, 'traces', two)).toMatchObject({ code: 3 })
    const huge = await call(adf.grpcPort, 'traces', frame(message, { length: 2 ** 32 - 1 }))
    expect(huge).toMatchObject({ code: 8, details: undefined })
  })
})

const DEPTH = 10_000
/** AnyValue in an ArrayValue, and in the KeyValue `k` of a KeyValueList. */
const inArray = (length: number) => {
  const value = opening(1, length)
  return Buffer.concat([opening(5, value.length + length), value])
}
const inMap = (length: number) => {
  const value = Buffer.concat([field(1, 'k'), opening(2, length)])
  const pair = opening(1, value.length + length)
  return Buffer.concat([opening(6, pair.length + value.length + length), pair, value])
}

describe('values nested ten thousand deep', () => {
  test.each([
    ['arrays', inArray],
    ['maps', inMap],
  ])('%s in protobuf are stepped over', async (_name, wrap) => {
    const deep = field(9, field(1, 'deep'), field(2, nested(DEPTH, wrap, field(1, 'bottom'))))
    const before = await adf.metric('adf_receiver_spans_total', { outcome: 'accepted' })
    const body = requestOf('deep', Buffer.concat([wireSpan(), deep]))
    expect(await postProtobuf(adf.httpPort, 'traces', body)).toMatchObject({ status: 200 })
    expect(await call(adf.grpcPort, 'traces', frame(body))).toMatchObject({ code: 0 })
    expect(await adf.metric('adf_receiver_spans_total', { outcome: 'accepted' })).toBeGreaterThan(before)
    const inResource = field(1, field(1, field(1, field(1, 'deep'), field(2, nested(DEPTH, wrap, field(1))))))
    expect(await postProtobuf(adf.httpPort, 'traces', inResource)).toMatchObject({ status: 200 })
    const inBody = requestOf('deep', field(5, nested(DEPTH, wrap, field(1, 'bottom'))))
    expect(await postProtobuf(adf.httpPort, 'logs', inBody)).toMatchObject({ status: 200 })
  })

  test('groups are refused beyond a few', async () => {
    await expectMalformed('traces', Buffer.alloc(DEPTH, 0x63))
  })

  test.each([
    ['arrays', '{"arrayValue":{"values":[', ']}}'],
    ['maps', '{"kvlistValue":{"values":[{"key":"k","value":', '}]}}'],
  ])('%s in JSON are refused with the reason', async (_name, open, close) => {
    const deep = `${open.repeat(DEPTH)}{"stringValue":"bottom"}${close.repeat(DEPTH)}`
    const body = JSON.stringify(logsOf('deep', { body: 'HERE' })).replace('"HERE"', deep)
    const answer = await postJson(adf.httpPort, 'logs', body)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      code: 3,
      message: expect.stringContaining('nested deeper than'),
    })
  })
})

describe('text that is not UTF-8', () => {
  test('is read with U+FFFD and stays valid where it comes out', async () => {
    const name = Buffer.from([0x62, 0x61, 0x64, 0xff, 0xfe, 0x80])
    const bytes = requestOf(name, wireSpan({ name: Buffer.of(0xc3, 0x28), kind: 2 }))
    expect(await postProtobuf(adf.httpPort, 'traces', bytes)).toMatchObject({ status: 200 })
    const page = await adf.json<{ items: unknown[] }>(`/api/entities?service=${encodeURIComponent('bad���')}`)
    expect(page.items).toHaveLength(1)
    expect((await adf.get('/api/graph')).status).toBe(200)
    expect(await (await adf.get('/metrics')).text()).toContain('bad���')
  })

  test('in JSON is refused', async () => {
    const body = Buffer.concat([Buffer.from('{"resourceSpans":"'), Buffer.of(0xff), Buffer.from('"}')])
    const answer = await postJson(adf.httpPort, 'traces', body.toString('latin1'))
    expect(answer.status).toBe(400)
    const raw = await postProtobuf(adf.httpPort, 'traces', body, { 'content-type': 'application/json' })
    expect(raw.status).toBe(400)
    expect(raw.body.toString()).toContain('not UTF-8')
  })
})

describe('JSON', () => {
  const good = {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    name: 'x',
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
  }

  test.each<[string, unknown, string]>([
    ['a document that is no object', [1], 'document: expected an object'],
    ['an object for an array', { resourceSpans: {} }, 'resourceSpans: expected an array'],
    [
      'a number for a name',
      tracesOf('x', { ...good, name: 7 }),
      'resourceSpans[0].scopeSpans[0].spans[0].name',
    ],
    ['a name for an enum', tracesOf('x', { ...good, kind: 'SPAN_KIND_SERVER' }), '.spans[0].kind'],
    ['an id that is no hex', tracesOf('x', { ...good, traceId: 'zz' }), '.spans[0].traceId'],
    [
      'a time out of range',
      tracesOf('x', { ...good, endTimeUnixNano: '99999999999999999999' }),
      '.endTimeUnixNano',
    ],
    [
      'text for a flag',
      metricsOf({}, { name: 'm', sum: { isMonotonic: 'yes' } }),
      'metrics[0].sum.isMonotonic',
    ],
  ])('%s is refused with its path', async (_name, body, message) => {
    const signal = JSON.stringify(body).includes('resourceMetrics') ? 'metrics' : 'traces'
    const before = await refused(signal)
    const answer = await postJson(adf.httpPort, signal, body)
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/json' } })
    const status = JSON.parse(answer.body.toString()) as { code: number; message: string }
    expect(status.code).toBe(3)
    expect(status.message).toContain(message)
    expect(await refused(signal)).toBe(before + 1)
  })

  test.each(['', '{', '{"resourceSpans":[', 'nonsense', '\u0000', '[]'.repeat(3)])(
    '%j is refused',
    async (body) => {
      expect(await postJson(adf.httpPort, 'traces', body)).toMatchObject({ status: 400 })
    },
  )

  test('unknown fields are ignored, names of prototypes too', async () => {
    const body = JSON.stringify(
      tracesOf('x', {
        ...good,
        later: { a: [1] },
        startTimeUnixNano: nano(Date.now()),
        endTimeUnixNano: nano(Date.now()),
      }),
    )
    const polluting = body.replace('"later"', '"__proto__":{"name":"evil"},"constructor"')
    expect(await postJson(adf.httpPort, 'traces', polluting)).toMatchObject({
      status: 200,
      body: Buffer.from('{}'),
    })
  })
})

describe('records that break a rule are rejected one by one', () => {
  test('ids, times and durations of spans', async () => {
    const at = Date.now()
    const spans = [
      wireSpan(),
      wireSpan({ trace: Buffer.alloc(16) }),
      wireSpan({ trace: randomBytes(15) }),
      wireSpan({ span: Buffer.alloc(8) }),
      wireSpan({ span: randomBytes(16) }),
      wireSpan({ parent: randomBytes(3) }),
      wireSpan({ startMs: at, endMs: at - 1 }),
      wireSpan({ startMs: 0, endMs: at }),
    ]
    const reasons = {
      invalid_trace_id: 2,
      invalid_span_id: 2,
      invalid_parent_id: 1,
      negative_duration: 1,
      zero_time: 1,
    }
    const count = (outcome: string) => adf.metric('adf_receiver_spans_total', { outcome, transport: 'grpc' })
    const before = await Promise.all(Object.keys(reasons).map(count))
    const { code, body } = await call(adf.grpcPort, 'traces', frame(requestOf('rules', ...spans)))
    expect(code).toBe(0)
    // partial_success { rejected_spans: 7, error_message }
    expect(body.subarray(5)).toEqual(
      field(1, integer(1, 7), field(2, body.subarray(body.indexOf('2 with a trace id')))),
    )
    expect(body.toString()).toContain('1 that end before they start')
    const after = await Promise.all(Object.keys(reasons).map(count))
    expect(after.map((value, at) => value - before[at]!)).toEqual(Object.values(reasons))
  })

  test('values of points', async () => {
    const gauge = (value: unknown, more: object = {}) => ({
      name: 'system.cpu.load_average.1m',
      gauge: { dataPoints: [{ timeUnixNano: nano(Date.now()), asDouble: value, ...more }] },
    })
    const histogram = (more: object) => ({
      name: 'http.server.request.duration',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            timeUnixNano: nano(Date.now()),
            count: '1',
            sum: 1,
            bucketCounts: ['1', '0'],
            explicitBounds: [1],
            ...more,
          },
        ],
      },
    })
    const answer = await postJson(
      adf.httpPort,
      'metrics',
      metricsOf(
        { 'host.name': 'ruled' },
        gauge(0.5),
        gauge('NaN'),
        gauge('Infinity'),
        gauge('-Infinity'),
        gauge(1, { timeUnixNano: '0' }),
        gauge(undefined),
        histogram({ sum: 'NaN' }),
        histogram({ bucketCounts: ['1'] }),
        histogram({ explicitBounds: ['NaN'] }),
        histogram({ explicitBounds: [2, 1], bucketCounts: ['1', '0', '0'] }),
      ),
    )
    expect(answer.status).toBe(200)
    const { partialSuccess } = JSON.parse(answer.body.toString()) as {
      partialSuccess: { rejectedDataPoints: string; errorMessage: string }
    }
    expect(partialSuccess.rejectedDataPoints).toBe('9')
    expect(partialSuccess.errorMessage).toContain('4 with a value that is NaN or infinite')
    expect(await adf.metric('adf_receiver_points_total', { outcome: 'not_finite' })).toBe(4)
  })
})

test('through all of this the neighbour was not disturbed', async () => {
  await steady.expectUndisturbed()
  expect(adf.process.output()).toBe('')
})
