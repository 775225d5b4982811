import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ForwardRequest } from '../telemetry/forward.ts'
import type { Signal } from '../telemetry/signal.ts'
import { httpToGrpc, OK, sendError, UNAVAILABLE } from './forward-grpc-status.ts'
import { limitAttempt } from './forward-limit.ts'
import { LONGEST_ANSWER, type PartialSuccess, partialOf } from './forward-partial-success.ts'
import { type ForwardEndpoint, SendError, type Sender } from './forward-sender.ts'
import type { ClientTls } from './forward-tls.ts'

const compress = promisify(gzip)
const METHOD: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
}
/** Compressed flag and length before each message. */
const PREFIX = 5
/** Megabytes that Node's HTTP/2 may hold for the connection: some requests of the largest size. */
const SESSION_MEMORY = 512

/**
 * Sends to an OTLP/gRPC endpoint, `host:port`, straight on HTTP/2 (docs/adr/0002): the bytes go to the socket without a
 * copy. Connects at the first attempt, and again after the connection broke or let a deadline pass; the queue backs off.
 */
export function createGrpcSender(endpoint: ForwardEndpoint, tls: ClientTls): Sender {
  const authority = endpoint.endpoint.replace(/^https?:\/\//, '')
  const url = `${endpoint.tls === undefined ? 'http' : 'https'}://${authority}`
  const zipped = endpoint.compression === 'gzip'
  const fixed = {
    ':method': 'POST',
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': `${endpoint.timeout}m`,
    ...(zipped && { 'grpc-encoding': 'gzip' }),
    ...Object.fromEntries(Object.entries(endpoint.headers).map(([key, value]) => [key.toLowerCase(), value])),
  }
  let session: ClientHttp2Session | undefined
  /** That one, and those that a deadline left behind: their peers may never close them. */
  const open = new Set<ClientHttp2Session>()

  const connected = () => {
    if (session !== undefined && !session.closed && !session.destroyed) return session
    const fresh = connect(url, { ...tls, maxSessionMemory: SESSION_MEMORY })
    // The streams of a failed connection fail with it and tell their senders.
    fresh.on('error', () => fresh.destroy())
    open.add(fresh)
    fresh.once('close', () => open.delete(fresh))
    session = fresh
    return fresh
  }

  const call = (headers: Record<string, string>, body: Uint8Array, stop: AbortSignal) =>
    new Promise<PartialSuccess | undefined>((resolve, reject) => {
      const on = connected()
      const stream = on.request(headers)
      const lift = limitAttempt(endpoint.timeout, stop, (reason) => {
        stream.close(constants.NGHTTP2_CANCEL)
        // Nobody may be there any more: the next attempt connects anew.
        if (session === on) session = undefined
        on.close()
        reject(reason)
      })
      stream.once('close', lift)
      readAnswer(stream).then(resolve, reject)
      const prefix = Buffer.alloc(PREFIX)
      prefix[0] = zipped ? 1 : 0
      prefix.writeUInt32BE(body.length, 1)
      stream.cork()
      stream.write(prefix)
      stream.end(body)
      stream.uncork()
    })

  return {
    send: async ({ signal, protobuf }: ForwardRequest, stop: AbortSignal) => {
      const body = zipped ? await compress(protobuf) : protobuf
      try {
        return await call({ ...fixed, ':path': METHOD[signal] }, body, stop)
      } catch (error) {
        if (error instanceof SendError) throw error
        const message = error instanceof Error ? error.message : String(error)
        throw new SendError(`UNAVAILABLE: ${message}`, { retryable: true, cause: error })
      }
    },
    close: () => {
      for (const one of open) one.destroy()
    },
  }
}

/** Resolves when the call ended with OK; rejects with SendError or what broke the stream. */
function readAnswer(stream: ClientHttp2Stream): Promise<PartialSuccess | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let last: IncomingHttpHeaders = {}
    let http = 0
    stream.once('response', (headers) => {
      last = headers
      http = headers[':status'] ?? 0
    })
    stream.once('trailers', (trailers) => {
      last = trailers
    })
    stream.once('error', reject)
    stream.once('close', () => {
      const code = last['grpc-status']
      const status = code !== undefined ? Number(code) : http === 0 ? UNAVAILABLE : httpToGrpc(http)
      if (status === OK) resolve(length > LONGEST_ANSWER ? undefined : partialIn(Buffer.concat(chunks)))
      else reject(sendError(status, last, http))
    })
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= LONGEST_ANSWER) chunks.push(chunk)
    })
  })
}

/** No encoding was offered, so the message is not compressed. */
const partialIn = (framed: Buffer) =>
  framed[0] === 0 ? partialOf(framed.subarray(PREFIX), false) : undefined
