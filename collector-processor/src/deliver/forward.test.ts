import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { createLogger } from '@adf/service'
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Config } from '../config.ts'
import { createForwarders, type ForwardOptions } from './forward.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function forwarding(endpoint: object, options: Partial<ForwardOptions> = {}) {
  const { forward } = Config.parse({ deliver: { forward: [{ name: 'next', ...endpoint }] } }).deliver
  const registry = new Registry()
  const log = createLogger({ name: 'test', level: 'silent' })
  const warn = vi.spyOn(log, 'warn')
  const forwarders = createForwarders(forward, {
    registry,
    log,
    clock: () => Date.now(),
    rng: () => 0.5,
    backoff: { initialMs: 1, maxMs: 4 },
    ...options,
  })
  await forwarders.start()
  stops.push(() => forwarders.stop())
  return { forwarders, registry, warn }
}

interface Seen {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

async function httpEndpoint(answer: (response: ServerResponse, attempt: number) => void) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
    answer(response, seen.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { seen, endpoint: `http://127.0.0.1:${address.port}` }
}

const bytes = Uint8Array.of(0x0a, 0x03, 1, 2, 3)
const ok = (response: ServerResponse) => response.end()

describe('forwarding over HTTP', () => {
  it('sends the bytes that came in, with the configured headers', async () => {
    const { seen, endpoint } = await httpEndpoint(ok)
    const { forwarders, registry } = await forwarding({
      protocol: 'http',
      endpoint,
      headers: { 'X-Org': 'a' },
    })
    forwarders.forward({ signal: 'traces', protobuf: bytes })
    forwarders.forward({ signal: 'logs', protobuf: bytes, json: Buffer.from('{"resourceLogs":[]}') })
    await forwarders.stop()
    const [traces, logs] = seen.toSorted((a, b) => (a.url < b.url ? 1 : -1))
    expect(traces?.url).toBe('/v1/traces')
    expect([...traces!.body]).toEqual([...bytes])
    expect(traces?.headers).toMatchObject({ 'content-type': 'application/x-protobuf', 'x-org': 'a' })
    expect(logs).toMatchObject({ url: '/v1/logs', headers: { 'content-type': 'application/json' } })
    expect(logs?.body.toString()).toBe('{"resourceLogs":[]}')
    expect(await registry.metrics()).toContain(
      'adf_forward_sent_requests_total{endpoint="next",signal="traces"} 1',
    )
    expect(forwarders.statuses()).toMatchObject([{ name: 'next', reachable: true }])
  })

  it('compresses when told to', async () => {
    const { seen, endpoint } = await httpEndpoint(ok)
    const { forwarders } = await forwarding({ protocol: 'http', endpoint, compression: 'gzip' })
    forwarders.forward({ signal: 'metrics', protobuf: bytes })
    await forwarders.stop()
    expect(seen[0]?.headers['content-encoding']).toBe('gzip')
    expect([...gunzipSync(seen[0]!.body)]).toEqual([...bytes])
  })

  it('tries again after retryable answers and counts it', async () => {
    const { seen, endpoint } = await httpEndpoint((response, attempt) => {
      response.statusCode = attempt < 3 ? 503 : 200
      response.end()
    })
    const { forwarders, registry } = await forwarding({ protocol: 'http', endpoint })
    forwarders.forward({ signal: 'traces', protobuf: bytes })
    await forwarders.stop()
    expect(seen).toHaveLength(3)
    expect(await registry.metrics()).toContain('adf_forward_retries_total{endpoint="next"} 2')
  })

  it('drops at once what the endpoint will never take', async () => {
    const { seen, endpoint } = await httpEndpoint((response) => {
      response.statusCode = 400
      response.end('bad')
    })
    const { forwarders, registry } = await forwarding({ protocol: 'http', endpoint })
    forwarders.forward({ signal: 'traces', protobuf: bytes })
    await forwarders.stop()
    expect(seen).toHaveLength(1)
    expect(await registry.metrics()).toContain(
      'adf_forward_dropped_requests_total{endpoint="next",reason="permanent"} 1',
    )
    expect(forwarders.statuses()).toMatchObject([{ reachable: false, lastError: 'HTTP 400: bad' }])
  })

  it('honours Retry-After and gives up after max_elapsed', async () => {
    const { seen, endpoint } = await httpEndpoint((response) => {
      response.writeHead(429, { 'retry-after': '60' }).end()
    })
    const { forwarders, registry } = await forwarding({ protocol: 'http', endpoint, max_elapsed: '30s' })
    forwarders.forward({ signal: 'traces', protobuf: bytes })
    await forwarders.stop()
    expect(seen).toHaveLength(1)
    expect(await registry.metrics()).toContain('reason="max_elapsed"} 1')
  })

  it('keeps to its bytes, drops the newest, and drops the rest at the end of the drain', async () => {
    const { endpoint } = await httpEndpoint(() => undefined)
    const { forwarders, registry } = await forwarding(
      { protocol: 'http', endpoint, queue_size: 12, timeout: '50ms' },
      { drainMs: 0, backoff: { initialMs: 60_000, maxMs: 60_000 } },
    )
    for (let i = 0; i < 5; i++) forwarders.forward({ signal: 'traces', protobuf: bytes })
    expect(await registry.metrics()).toContain('adf_forward_queue_bytes{endpoint="next"} 10')
    await forwarders.stop()
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_forward_dropped_requests_total{endpoint="next",reason="queue_full"} 3')
    expect(metrics).toContain('adf_forward_dropped_requests_total{endpoint="next",reason="shutdown"} 2')
    expect(metrics).toContain('adf_forward_queue_bytes{endpoint="next"} 0')
  })
})

/** Answers at once and never comes to the end of its answer. */
const drip = (response: ServerResponse) => {
  response.writeHead(200)
  const timer = setInterval(() => response.write(' '), 5)
  response.once('close', () => clearInterval(timer))
}

describe.each(['http', 'grpc'] as const)('an endpoint that never ends its answer, over %s', (protocol) => {
  const target = async () =>
    protocol === 'http' ? await httpEndpoint(drip) : await grpcEndpoint(() => undefined)

  it('has its timeout for each attempt and max_elapsed for all of them', async () => {
    const { seen, endpoint } = await target()
    const { forwarders, registry } = await forwarding(
      { protocol, endpoint, timeout: '100ms', max_elapsed: '150ms' },
      { clock: () => seen.length * 100 },
    )
    forwarders.forward({ signal: 'traces', protobuf: bytes })
    await forwarders.stop()
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_forward_dropped_requests_total{endpoint="next",reason="max_elapsed"} 1')
    expect(metrics).toContain('adf_forward_queue_bytes{endpoint="next"} 0')
    expect(seen).toHaveLength(2)
    expect(forwarders.statuses()).toMatchObject([{ reachable: false, lastError: 'no answer in 100 ms' }])
  })

  it('does not hold up the stop', async () => {
    const { seen, endpoint } = await target()
    const { forwarders, registry } = await forwarding({ protocol, endpoint, timeout: '1h' }, { drainMs: 0 })
    for (let i = 0; i < 6; i++) forwarders.forward({ signal: 'traces', protobuf: bytes })
    await vi.waitFor(() => expect(seen).toHaveLength(4), 10_000)
    await forwarders.stop()
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_forward_dropped_requests_total{endpoint="next",reason="shutdown"} 6')
  })
})

async function grpcEndpoint(answer: (done: sendUnaryData<Buffer>, attempt: number) => void) {
  const seen: Buffer[] = []
  const server = new Server()
  const asIs = (value: Buffer) => value
  const handler = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
    seen.push(call.request)
    answer(done, seen.length)
  }
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  server.addService(
    {
      Export: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    { Export: handler },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  stops.push(() => server.forceShutdown())
  return { seen, endpoint: `127.0.0.1:${port}` }
}

describe('forwarding over gRPC', () => {
  it('sends the bytes that came in, of JSON requests their protobuf', async () => {
    const { seen, endpoint } = await grpcEndpoint((done) => done(null, Buffer.alloc(0)))
    const { forwarders } = await forwarding({ protocol: 'grpc', endpoint })
    forwarders.forward({ signal: 'traces', protobuf: bytes })
    forwarders.forward({ signal: 'traces', protobuf: bytes, json: Buffer.from('{}') })
    await forwarders.stop()
    expect(seen.map((body) => [...body])).toEqual([[...bytes], [...bytes]])
  })

  it.each([
    ['again after UNAVAILABLE', status.UNAVAILABLE, 2],
    ['not again after INVALID_ARGUMENT', status.INVALID_ARGUMENT, 1],
    ['not again after RESOURCE_EXHAUSTED without RetryInfo', status.RESOURCE_EXHAUSTED, 1],
  ])('tries %s', async (_, code, attempts) => {
    const { seen, endpoint } = await grpcEndpoint((done, attempt) =>
      attempt === 1 ? done({ code, details: 'no' }) : done(null, Buffer.alloc(0)),
    )
    const { forwarders } = await forwarding({ protocol: 'grpc', endpoint })
    forwarders.forward({ signal: 'traces', protobuf: bytes })
    await forwarders.stop()
    expect(seen).toHaveLength(attempts)
  })
})

/** 1 = partial success {1: 2 records rejected, 2: 'too old'}. */
const TWO_TOO_OLD = Buffer.concat([Buffer.of(0x0a, 11, 0x08, 2, 0x12, 7), Buffer.from('too old')])
const two = { rejectedSpans: '2', errorMessage: 'too old' }

describe.each<[string, () => Promise<{ endpoint: string }>, object]>([
  [
    'HTTP in protobuf',
    () =>
      httpEndpoint((response) =>
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(TWO_TOO_OLD),
      ),
    { protocol: 'http' },
  ],
  [
    'HTTP in JSON',
    () =>
      httpEndpoint((response) =>
        response
          .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
          .end(JSON.stringify({ partialSuccess: two })),
      ),
    { protocol: 'http' },
  ],
  ['gRPC', () => grpcEndpoint((done) => done(null, TWO_TOO_OLD)), { protocol: 'grpc' }],
])('an endpoint that takes a request in part, over %s', (_, target, options) => {
  it('has its rejected records counted, and the reason shown and logged once', async () => {
    const { endpoint } = await target()
    const { forwarders, registry, warn } = await forwarding({ ...options, endpoint })
    for (let i = 0; i < 5; i++) forwarders.forward({ signal: 'traces', protobuf: bytes })
    await forwarders.stop()
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_forward_rejected_records_total{endpoint="next",signal="traces"} 10')
    expect(metrics).toContain('adf_forward_sent_requests_total{endpoint="next",signal="traces"} 5')
    expect(forwarders.statuses()).toMatchObject([
      { reachable: true, lastError: 'left out 2 records of a request (traces): too old' },
    ])
    expect(warn.mock.calls.map(([fields]) => fields)).toEqual([
      { endpoint: 'next', signal: 'traces', rejected: 2, reason: 'too old', requests: 1 },
    ])
  })
})

it('tells in the status what was left out for a minute, and of a failure until the next success', async () => {
  let nowMs = 0
  const answers = [TWO_TOO_OLD, Buffer.alloc(0), Buffer.alloc(0)]
  const { seen, endpoint } = await httpEndpoint((response, attempt) => {
    response.statusCode = attempt === 2 ? 400 : 200
    response.end(answers[attempt - 1])
  })
  const { forwarders } = await forwarding({ protocol: 'http', endpoint }, { clock: () => nowMs })
  const next = async () => {
    const count = seen.length + 1
    forwarders.forward({ signal: 'logs', protobuf: bytes })
    await vi.waitFor(() => expect(seen).toHaveLength(count))
  }
  const lastError = (text: RegExp | undefined) =>
    vi.waitFor(() => {
      const said = forwarders.statuses()[0]?.lastError
      if (text === undefined) expect(said).toBeUndefined()
      else expect(said).toMatch(text)
    })
  await next()
  await lastError(/left out 2 records .*too old/)
  await next()
  await lastError(/HTTP 400/)
  await next()
  await lastError(/left out 2 records .*too old/)
  nowMs = 60_000
  await lastError(undefined)
})

it('names where an endpoint redirects to', async () => {
  const { endpoint } = await httpEndpoint((response) =>
    response.writeHead(307, { location: 'http://other.example/' }).end(),
  )
  const { forwarders } = await forwarding({ protocol: 'http', endpoint })
  forwarders.forward({ signal: 'traces', protobuf: bytes })
  await forwarders.stop()
  expect(forwarders.statuses()).toMatchObject([{ lastError: 'HTTP 307: redirects to http://other.example/' }])
})

it('refuses two endpoints of one name', async () => {
  const endpoint = { name: 'twice', protocol: 'grpc', endpoint: '127.0.0.1:1' }
  const { forward } = Config.parse({ deliver: { forward: [endpoint] } }).deliver
  const forwarders = createForwarders([...forward, ...forward], {
    registry: new Registry(),
    log: createLogger({ name: 'test', level: 'silent' }),
    clock: () => 0,
  })
  await expect(forwarders.start()).rejects.toThrow('two endpoints are named twice')
})
