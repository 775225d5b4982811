import { request as httpRequest } from 'node:http'
import { connect as connectHttp2, type SecureClientSessionOptions } from 'node:http2'
import { request as httpsRequest, type RequestOptions } from 'node:https'

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** One HTTP request whose answer is read even while the body is still being sent. Rejects when there is no answer. */
export function send(
  url: string,
  options: RequestOptions & { body?: Uint8Array | string } = {},
): Promise<HttpAnswer> {
  const { body, ...rest } = options
  return new Promise((resolve, reject) => {
    const make = url.startsWith('https:') ? httpsRequest : httpRequest
    const request = make(url, { method: body === undefined ? 'GET' : 'POST', ...rest }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        })
      })
      response.once('error', reject)
    })
    request.once('error', reject)
    request.end(body)
  })
}

const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json' }

export type Signal = 'traces' | 'metrics' | 'logs'

export const postProtobuf = (
  port: number,
  signal: Signal,
  body: Uint8Array,
  headers: Record<string, string> = {},
) => send(`http://127.0.0.1:${port}/v1/${signal}`, { body, headers: { ...PROTOBUF, ...headers } })

export const postJson = (port: number, signal: Signal, body: unknown) =>
  send(`http://127.0.0.1:${port}/v1/${signal}`, {
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: JSON_TYPE,
  })

export interface GrpcAnswer {
  /** grpc-status */
  readonly code: number
  readonly message: string
  /** google.rpc.Status of the trailers; RetryInfo is in it, if anywhere. */
  readonly details: Buffer | undefined
  readonly body: Buffer
}

const METHODS: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
}

/** A message with gRPC's prefix; `length` and `compressed` may lie. */
export function frame(message: Uint8Array, { compressed = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = compressed
  prefix.writeUInt32BE(length, 1)
  return Buffer.concat([prefix, message])
}

/** One unary call over HTTP/2, byte by byte as given. Rejects when it ends without a status. */
export function call(
  target: number | string,
  method: Signal | `/${string}`,
  framed: Uint8Array,
  headers: Record<string, string> = {},
  tls: SecureClientSessionOptions = {},
): Promise<GrpcAnswer> {
  const session = connectHttp2(typeof target === 'number' ? `http://127.0.0.1:${target}` : target, {
    // Else Node itself refuses to send what is over the limit.
    maxSessionMemory: 256,
    ...tls,
  })
  return new Promise<GrpcAnswer>((resolve, reject) => {
    session.once('error', reject)
    const path = method.startsWith('/') ? method : METHODS[method as Signal]
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    const chunks: Buffer[] = []
    let status: Record<string, unknown> = {}
    const note = (from: object) => {
      status = { ...status, ...from }
    }
    stream.on('response', note).on('trailers', note)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('error', reject)
    // As clients of gRPC do: the status ends the call, also while the request is still being sent.
    stream.once('end', () => setImmediate(finish)).once('close', finish)
    function finish() {
      if (status['grpc-status'] === undefined) reject(new Error('the call ended without a status'))
      const details = status['grpc-status-details-bin']
      resolve({
        code: Number(status['grpc-status']),
        message: decodeURIComponent(String(status['grpc-message'] ?? '')),
        details: typeof details === 'string' ? Buffer.from(details, 'base64') : undefined,
        body: Buffer.concat(chunks),
      })
    }
    stream.end(framed)
  }).finally(() => session.destroy())
}

export const resourceOf = (attributes: Record<string, string>) => ({
  attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
})

export const tracesOf = (service: string, ...spans: object[]) => ({
  resourceSpans: [{ resource: resourceOf({ 'service.name': service }), scopeSpans: [{ spans }] }],
})

export const metricsOf = (resource: Record<string, string>, ...metrics: object[]) => ({
  resourceMetrics: [{ resource: resourceOf(resource), scopeMetrics: [{ metrics }] }],
})

export const logsOf = (service: string, ...logRecords: object[]) => ({
  resourceLogs: [{ resource: resourceOf({ 'service.name': service }), scopeLogs: [{ logRecords }] }],
})

export const nano = (ms: number) => `${Math.round(ms)}000000`

export const hex = (value: number | bigint, digits: number) => value.toString(16).padStart(digits, '0')
