import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createLogger, TokenAuthority } from '@adf/service'
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { Config } from '../config.ts'
import type { TelemetrySink } from '../telemetry/batch.ts'
import type { ForwardRequest } from '../telemetry/forward.ts'
import { encodeJsonRequest } from './json/encode.ts'
import { createReceiver, type Receiver } from './receiver.ts'

const now = 1_700_000_000_000
const span = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 'GET /',
  kind: 2,
  startTimeUnixNano: `${now}000000`,
  endTimeUnixNano: `${now + 5}000000`,
}
const requestOf = (...spans: object[]) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
      scopeSpans: [{ spans }],
    },
  ],
})
const EXPORT = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'content-type': 'application/grpc',
}
const good = encodeJsonRequest('traces', requestOf(span))
const half = encodeJsonRequest('traces', requestOf(span, { ...span, traceId: '00' }))
const large = encodeJsonRequest('traces', requestOf(...Array.from({ length: 400 }, () => span)))

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function running(
  settings: object = {},
  tokens: TokenAuthority = new TokenAuthority(),
  spans?: TelemetrySink['spans'],
  clock: () => number = () => now,
) {
  const config = Config.parse({
    receiver: { grpc: { port: 0 }, http: { port: 0 }, ...settings },
  }).receiver
  const seen: string[] = []
  const forwarded: ForwardRequest[] = []
  const sink: TelemetrySink = {
    spans: (batch, arrivalMs) => {
      spans?.(batch, arrivalMs)
      for (let row = 0; row < batch.length; row++) seen.push(batch.strings.get(batch.name[row]!))
    },
    metrics: (batch) => seen.push(`${batch.length} points`),
    logs: (batch) => seen.push(`${batch.length} logs`),
  }
  const registry = new Registry()
  const receiver = createReceiver({
    config,
    auth: tokens,
    sink,
    forward: { forward: (request) => forwarded.push(request) },
    repeatWindowMs: 10_000,
    registry,
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  await receiver.start()
  stops.push(() => receiver.stop())
  return { receiver, seen, forwarded, registry, url: `http://127.0.0.1:${receiver.httpPort}` }
}

interface Answer {
  readonly code: number
  readonly details: string
  readonly body: Buffer
  readonly statusDetails: Buffer | undefined
}

function call(
  receiver: Receiver,
  body: Uint8Array,
  { method = 'trace.v1.TraceService', metadata = {}, gzip = false } = {},
): Promise<Answer> {
  const client = new Client(`127.0.0.1:${receiver.grpcPort}`, credentials.createInsecure(), {
    ...(gzip && { 'grpc.default_compression_algorithm': 2 }),
  })
  stops.push(() => client.close())
  const sent = Metadata.fromHttp2Headers(metadata)
  const raw = (value: Buffer) => value
  return new Promise((resolve) => {
    const path = `/opentelemetry.proto.collector.${method}/Export`
    client.makeUnaryRequest(
      path,
      raw,
      raw,
      Buffer.from(body),
      sent,
      (error: ServiceError | null, response) => {
        const details = error?.metadata.get('grpc-status-details-bin')[0]
        resolve({
          code: error?.code ?? 0,
          details: error?.details ?? '',
          body: response ?? Buffer.alloc(0),
          statusDetails: Buffer.isBuffer(details) ? details : undefined,
        })
      },
    )
  })
}

function post(
  url: string,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
  path = '/v1/traces',
) {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: typeof body === 'string' ? body : Buffer.from(body),
  })
}

describe('gRPC', () => {
  it('takes spans, plain and gzipped, and forwards the bytes that came in', async () => {
    const { receiver, seen, forwarded } = await running()
    expect(await call(receiver, good)).toMatchObject({ code: 0, body: Buffer.alloc(0) })
    expect(await call(receiver, good, { gzip: true })).toMatchObject({ code: 0 })
    expect(seen).toEqual(['GET /', 'GET /'])
    expect(forwarded.map(({ signal, protobuf }) => [signal, Buffer.compare(protobuf, good)])).toEqual([
      ['traces', 0],
      ['traces', 0],
    ])
  })

  it('answers an empty request with success', async () => {
    const { receiver } = await running()
    expect(await call(receiver, new Uint8Array(0))).toMatchObject({ code: 0 })
  })

  it('takes a request of many frames', async () => {
    const { receiver, seen } = await running()
    const many = encodeJsonRequest('traces', requestOf(...Array.from({ length: 40_000 }, () => span)))
    expect(many.length).toBeGreaterThan(2 ** 21)
    expect(await call(receiver, many)).toMatchObject({ code: 0 })
    expect(seen).toHaveLength(40_000)
  })

  it('tells what it rejected and takes the rest', async () => {
    const { receiver, seen, registry } = await running()
    const { code, body } = await call(receiver, half)
    expect(code).toBe(0)
    expect(body.subarray(0, 4)).toEqual(Buffer.from([0x0a, body.length - 2, 0x08, 1]))
    expect(body.toString()).toContain('1 with a trace id that is not 16 bytes or all zero')
    expect(seen).toEqual(['GET /'])
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_receiver_spans_total{transport="grpc",outcome="accepted"} 1')
    expect(metrics).toContain('adf_receiver_spans_total{transport="grpc",outcome="invalid_trace_id"} 1')
    expect(metrics).toContain(
      'adf_receiver_requests_total{signal="traces",transport="grpc",outcome="partial"} 1',
    )
  })

  it('answers bad data with INVALID_ARGUMENT and takes nothing', async () => {
    const { receiver, seen, forwarded } = await running()
    expect(await call(receiver, Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0x7f))).toMatchObject({
      code: 3,
      details: expect.stringContaining('not an OTLP traces request'),
    })
    expect([seen, forwarded]).toEqual([[], []])
  })

  it('answers too much with RESOURCE_EXHAUSTED without RetryInfo, also when gzip hides it', async () => {
    const { receiver, seen, registry } = await running({ max_request_size: 10_000 })
    expect(await call(receiver, large)).toMatchObject({ code: 8, statusDetails: undefined })
    expect(await call(receiver, large, { gzip: true })).toMatchObject({ code: 8, statusDetails: undefined })
    expect(seen).toEqual([])
    expect(await registry.metrics()).toContain(
      'adf_receiver_requests_total{signal="traces",transport="grpc",outcome="too_large"} 2',
    )
  })

  it('pushes back with UNAVAILABLE and RetryInfo while requests fill the room', async () => {
    const { receiver } = await running({ max_in_flight: 20_000 })
    const socket = connect(receiver.httpPort, '127.0.0.1')
    stops.push(() => socket.destroy())
    const head = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n'
    socket.write(`${head}content-length: 30000\r\n\r\n${'x'.repeat(15_000)}`)
    while (receiver.admission.bytesInFlight === 0) await new Promise((resolve) => setImmediate(resolve))
    let answer = await call(receiver, large)
    while (answer.code === 0) answer = await call(receiver, large)
    expect(answer.code).toBe(14)
    expect(answer.statusDetails?.toString('latin1')).toContain('google.rpc.RetryInfo')
    socket.destroy()
    while (answer.code !== 0) answer = await call(receiver, large)
  })

  it.each<[string, Record<string, string>, Buffer, object]>([
    ['another method than POST', { ':method': 'PUT' }, Buffer.alloc(5), { ':status': 405 }],
    ['messages in JSON', { 'content-type': 'application/grpc+json' }, Buffer.alloc(5), { ':status': 415 }],
    ['gRPC-Web', { 'content-type': 'application/grpc-web' }, Buffer.alloc(5), { ':status': 415 }],
    ['protobuf by name', { 'content-type': 'application/grpc+proto' }, Buffer.alloc(5), { ':status': 200 }],
    ['a first byte of 2', {}, Buffer.of(2, 0, 0, 0, 0), { 'grpc-status': '3' }],
    ['compression that is not named', {}, Buffer.of(1, 0, 0, 0, 0), { 'grpc-status': '3' }],
    [
      'zstd',
      { 'grpc-encoding': 'zstd' },
      Buffer.of(1, 0, 0, 0, 0),
      { 'grpc-status': '12', 'grpc-accept-encoding': 'gzip' },
    ],
    ['two messages', {}, Buffer.alloc(10), { 'grpc-status': '3' }],
    ['a message of 4 GiB', {}, Buffer.alloc(5, 0xff), { 'grpc-status': '8' }],
    ['no message', {}, Buffer.alloc(0), { 'grpc-status': '3' }],
  ])('answers %s as gRPC does', async (_, fields, body, answer) => {
    const { receiver } = await running()
    const session = connectHttp2(`http://127.0.0.1:${receiver.grpcPort}`)
    stops.push(() => session.destroy())
    const stream = session.request({ ...EXPORT, ...fields })
    stream.on('error', () => {})
    stream.end(body)
    const [headers] = await once(stream, 'response')
    expect(headers).toMatchObject(answer)
  })

  it('wants no more of a second message than its first byte', async () => {
    const { receiver } = await running()
    const session = connectHttp2(`http://127.0.0.1:${receiver.grpcPort}`)
    stops.push(() => session.destroy())
    const stream = session.request(EXPORT)
    stream.on('error', () => {})
    stream.write(Buffer.alloc(6))
    expect((await once(stream, 'response'))[0]['grpc-status']).toBe('3')
    await once(stream, 'close')
  })

  it('takes back the room of calls when their answers are taken, or the connection ends', async () => {
    const { receiver } = await running()
    const session = connectHttp2(`http://127.0.0.1:${receiver.grpcPort}`, {
      settings: { initialWindowSize: 0 },
    })
    stops.push(() => session.destroy())
    // in this client's windows there is no room for an answer
    const streams = Array.from({ length: 5 }, () => session.request(EXPORT).end(Buffer.alloc(5)))
    for (const stream of streams) stream.on('error', () => {})
    await Promise.all(streams.map((stream) => once(stream, 'response')))
    expect(receiver.admission.bytesInFlight).toBe(5 * 16 * 1024)
    session.destroy()
    while (receiver.admission.bytesInFlight > 0) await new Promise((resolve) => setImmediate(resolve))
    expect((await call(receiver, good)).code).toBe(0)
  })

  it('quotes little of what was sent', async () => {
    const { receiver } = await running()
    const session = connectHttp2(`http://127.0.0.1:${receiver.grpcPort}`)
    stops.push(() => session.destroy())
    const stream = session.request({ ...EXPORT, ':path': `/${'x%'.repeat(3000)}` })
    stream.end()
    const [headers] = await once(stream, 'response')
    expect(headers['grpc-status']).toBe('12')
    expect(headers['grpc-message'].length).toBeLessThan(1000)
  })

  it('takes no more connections than it may', async () => {
    const { receiver, registry } = await running({ max_connections: 2 })
    const open = async () => {
      const session = connectHttp2(`http://127.0.0.1:${receiver.grpcPort}`)
      session.on('error', () => {})
      stops.push(() => session.destroy())
      await Promise.race([once(session, 'remoteSettings'), once(session, 'close')])
      return session
    }
    const kept = [await open(), await open()]
    expect((await open()).closed).toBe(true)
    expect(kept.map(({ closed }) => closed)).toEqual([false, false])
    expect(await registry.metrics()).toContain(
      'adf_receiver_connections_ended_total{transport="grpc",reason="too_many"} 1',
    )
  })

  it('gives up on a request that drips, and counts it', async () => {
    const { receiver, registry } = await running({ request_timeout: '300ms' })
    const session = connectHttp2(`http://127.0.0.1:${receiver.grpcPort}`)
    stops.push(() => session.destroy())
    const stream = session.request({
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      'content-type': 'application/grpc',
    })
    stream.on('error', () => {})
    stream.write(Buffer.of(0, 0, 1, 0, 0))
    const drip = setInterval(() => stream.write('\0'), 20)
    stops.push(() => clearInterval(drip))
    const status = await new Promise((resolve) => {
      stream.on('response', (headers) => resolve(headers['grpc-status']))
    })
    expect(status).toBe('4')
    expect(await registry.metrics()).toContain(
      'adf_receiver_requests_total{signal="traces",transport="grpc",outcome="timeout"} 1',
    )
    expect((await call(receiver, good)).code).toBe(0)
  })

  it('knows its three methods and no other', async () => {
    const { receiver, seen } = await running()
    const metrics = encodeJsonRequest('metrics', {
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: '5', asDouble: 1 }] } }] },
          ],
        },
      ],
    })
    const logs = encodeJsonRequest('logs', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }],
    })
    expect(await call(receiver, metrics, { method: 'metrics.v1.MetricsService' })).toMatchObject({ code: 0 })
    expect(await call(receiver, logs, { method: 'logs.v1.LogsService' })).toMatchObject({ code: 0 })
    expect(seen).toEqual(['1 points', '1 logs'])
    expect(await call(receiver, good, { method: 'trace.v2.TraceService' })).toMatchObject({ code: 12 })
  })
})

describe('log records that are sent again', () => {
  const logsOf = (...logRecords: object[]) =>
    JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  const record = { timeUnixNano: `${now}000001`, body: { stringValue: 'x' } }
  const json = { 'content-type': 'application/json' }

  it('are acknowledged, forwarded and not counted twice, until the window is over', async () => {
    let time = now
    const { url, seen, forwarded, registry } = await running({}, undefined, undefined, () => time)
    const send = async (document: string) => (await post(url, document, json, '/v1/logs')).status
    const batch = logsOf(record, { ...record, body: { stringValue: 'y' } })
    expect(await send(batch)).toBe(200)
    time += 10_000
    expect(await send(batch)).toBe(200)
    expect(seen).toEqual(['2 logs'])
    expect(forwarded).toHaveLength(2)
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_receiver_log_records_total{transport="http",outcome="accepted"} 4')
    expect(metrics).toContain('adf_receiver_repeated_log_records_total 2')
    expect(await send(logsOf(record))).toBe(200)
    time += 10_001
    expect(await send(batch)).toBe(200)
    expect(seen).toEqual(['2 logs', '1 logs', '2 logs'])
  })

  it('are taken when one has no time: two of the same may be two', async () => {
    const { url, seen } = await running()
    const batch = logsOf(record, { body: { stringValue: 'x' } })
    for (const _ of [1, 2]) expect((await post(url, batch, json, '/v1/logs')).status).toBe(200)
    expect(seen).toEqual(['2 logs', '2 logs'])
  })
})

describe('HTTP', () => {
  it('keeps connections of exporters that send once a minute', async () => {
    const { url } = await running()
    expect((await post(url, good)).headers.get('keep-alive')).toBe('timeout=75')
  })

  it('takes protobuf and JSON, plain and gzipped', async () => {
    const { url, seen, forwarded } = await running()
    const json = JSON.stringify(requestOf(span))
    const answers = [
      await post(url, good),
      await post(url, gzipSync(good), { 'content-encoding': 'gzip' }),
      await post(url, json, { 'content-type': 'application/json; charset=utf-8' }),
      await post(url, gzipSync(json), { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    ]
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
    expect(answers[0]?.headers.get('content-type')).toBe('application/x-protobuf')
    expect((await answers[0]!.arrayBuffer()).byteLength).toBe(0)
    expect(await answers[2]!.json()).toEqual({})
    expect(seen).toHaveLength(4)
    expect(forwarded.every(({ protobuf }) => Buffer.compare(protobuf, good) === 0)).toBe(true)
    expect(forwarded.map((request) => request.json && Buffer.from(request.json).toString())).toEqual([
      undefined,
      undefined,
      json,
      json,
    ])
  })

  it('tells what it rejected in the content type of the request', async () => {
    const { url } = await running()
    const answer = await post(url, JSON.stringify(requestOf(span, { ...span, endTimeUnixNano: '7' })), {
      'content-type': 'application/json',
    })
    expect(await answer.json()).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: '1 that end before they start' },
    })
    expect(Buffer.from(await (await post(url, half)).arrayBuffer()).toString()).toContain('1 with a trace id')
  })

  it.each([
    ['malformed protobuf', {}, Uint8Array.of(0x0f), 400, 3],
    ['malformed JSON', { 'content-type': 'application/json' }, '{"resourceSpans":', 400, 3],
    ['JSON of another shape', { 'content-type': 'application/json' }, '{"resourceSpans":[7]}', 400, 3],
    ['gzip that is none', { 'content-encoding': 'gzip' }, good, 400, 3],
    ['another encoding', { 'content-encoding': 'br' }, good, 415, 12],
    ['too much', {}, large, 413, 8],
    ['a bomb', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50_000_000)), 413, 8],
  ])('refuses %s with a Status and takes nothing', async (_, headers, body, status, code) => {
    const { url, seen } = await running({ max_request_size: 20_000, max_in_flight: 100_000 })
    const answer = await post(url, body, headers as Record<string, string>)
    expect(answer.status).toBe(status)
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (answer.headers.get('content-type') === 'application/json') {
      expect(JSON.parse(bytes.toString())).toMatchObject({ code, message: expect.any(String) })
    } else expect([bytes[0], bytes[1]]).toEqual([0x08, code])
    expect(seen).toEqual([])
    expect((await post(url, good)).status).toBe(200)
  })

  it('refuses other methods, paths and content types', async () => {
    const { url } = await running()
    const get = await fetch(`${url}/v1/traces`)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await post(url, good, {}, '/v1/trace')).status).toBe(404)
    expect((await post(url, good, { 'content-type': 'text/plain' })).status).toBe(415)
  })

  it('names the place of what is wrong in JSON', async () => {
    const { url } = await running()
    const bad = requestOf(span, { ...span, kind: 'SPAN_KIND_SERVER' })
    const answer = await post(url, JSON.stringify(bad), { 'content-type': 'application/json' })
    expect(await answer.json()).toMatchObject({
      message: expect.stringContaining('resourceSpans[0].scopeSpans[0].spans[1].kind: expected the integer'),
    })
  })

  it('takes a request of one-byte chunks', async () => {
    const { receiver, seen } = await running()
    const socket = connect(receiver.httpPort, '127.0.0.1')
    stops.push(() => socket.destroy())
    socket.write('POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n')
    socket.write('transfer-encoding: chunked\r\n\r\n')
    for (const byte of large) socket.write(Buffer.from([0x31, 0x0d, 0x0a, byte, 0x0d, 0x0a]))
    socket.write('0\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 200 OK/)
    expect(seen).toHaveLength(400)
  })

  it('pushes back with 503 and Retry-After', async () => {
    const { receiver, url } = await running({ max_in_flight: 20_000 })
    const socket = connect(receiver.httpPort, '127.0.0.1')
    stops.push(() => socket.destroy())
    const head = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n'
    socket.write(`${head}content-length: 30000\r\n\r\n${'x'.repeat(15_000)}`)
    while (receiver.admission.bytesInFlight === 0) await new Promise((resolve) => setImmediate(resolve))
    let answer = await post(url, large)
    while (answer.status === 200) answer = await post(url, large)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  })
})

describe('both', () => {
  it('need a token with the scope ingest when tokens are configured', async () => {
    const sha256 = (token: string) => createHash('sha256').update(token).digest('hex')
    const tokens = new TokenAuthority([
      { name: 'collector', sha256: sha256('right'), scopes: ['ingest'] },
      { name: 'reader', sha256: sha256('reads'), scopes: ['read'] },
    ])
    const { receiver, url, seen } = await running({}, tokens)
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    expect((await post(url, good)).status).toBe(401)
    expect((await post(url, good, bearer('wrong'))).status).toBe(401)
    expect((await post(url, good, bearer('reads'))).status).toBe(403)
    expect((await call(receiver, good)).code).toBe(16)
    expect((await call(receiver, good, { metadata: bearer('reads') })).code).toBe(7)
    expect(seen).toEqual([])
    expect((await post(url, good, bearer('right'))).status).toBe(200)
    expect((await call(receiver, good, { metadata: bearer('right') })).code).toBe(0)
    expect(seen).toHaveLength(2)
  })

  it('refuse to listen beyond loopback without protection', async () => {
    await expect(running({ grpc: { host: '0.0.0.0', port: 0 } })).rejects.toThrow(
      /receiver.grpc would listen/,
    )
  })

  it('count clocks that are hours off, and take and forward what they say', async () => {
    const { url, seen, forwarded, registry } = await running()
    const hours = (n: number) => {
      const start = now + n * 3_600_000
      return { ...span, startTimeUnixNano: `${start}000000`, endTimeUnixNano: `${start + 1}000000` }
    }
    await post(url, encodeJsonRequest('traces', requestOf(span, hours(3), hours(-5), hours(-6))))
    expect([seen.length, forwarded.length]).toEqual([4, 1])
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_receiver_clock_skew_total{signal="traces",direction="future"} 1')
    expect(metrics).toContain('adf_receiver_clock_skew_total{signal="traces",direction="past"} 2')
  })

  it('tell the sender of an internal fault nothing of it', async () => {
    const { url, receiver, forwarded, registry } = await running({}, undefined, () => {
      throw new Error('secret of the inside')
    })
    const answer = await post(url, good)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(await call(receiver, good)).toMatchObject({
      code: 13,
      details: expect.not.stringContaining('secret'),
    })
    expect(forwarded).toEqual([])
    expect(await registry.metrics()).toContain('transport="http",outcome="internal"} 1')
  })
})
