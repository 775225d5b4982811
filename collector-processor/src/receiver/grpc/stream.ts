import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Logger, TokenAuthority } from '@adf/service'
import type { Signal } from '../../telemetry/signal.ts'
import type { Hold } from '../admission.ts'
import { Body } from '../body.ts'
import { inflate } from '../decompress.ts'
import type { Intake } from '../intake.ts'
import { encodeResponse } from '../partial-success.ts'
import { asRefusal, Refusal, type RefusalKind } from '../refusal.ts'

const SERVICE = '/opentelemetry.proto.collector'
const SIGNAL_OF_PATH: ReadonlyMap<string, Signal> = new Map([
  [`${SERVICE}.trace.v1.TraceService/Export`, 'traces'],
  [`${SERVICE}.metrics.v1.MetricsService/Export`, 'metrics'],
  [`${SERVICE}.logs.v1.LogsService/Export`, 'logs'],
])
/** Compressed flag and length before each message. */
const PREFIX = 5

/** The codec of a message that no name says is protobuf. */
const GRPC = /^application\/grpc(\+proto)?[ \t]*(;|$)/i
/** Bytes of the fields of a call, names included, as gRPC has it by default. */
export const FIELD_BYTES: number = 8 * 1024
/** Memory that an open call takes whatever it sends, its headers included. */
const CALL = 16 * 1024
/** Of what a refusal says, in code units: it may quote what the sender wrote. */
const LONGEST_MESSAGE = 256

const OK_HEADERS = { ':status': 200, 'content-type': 'application/grpc', 'grpc-accept-encoding': 'gzip' }
const OK_TRAILERS = { 'grpc-status': '0' }

export interface StreamOptions {
  readonly intake: Intake
  readonly auth: TokenAuthority
  readonly maxRequestSize: number
  /** A request must be there within so many ms: a sender that drips gives its room back. */
  readonly requestTimeoutMs: number
  readonly log: Logger
}

/** Serves one unary call. */
export function serveStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: StreamOptions,
): void {
  const { intake, log } = options
  const signal = SIGNAL_OF_PATH.get(headers[':path'] ?? '')
  const hold = intake.admission.open()
  stream.on('error', (error) => log.debug({ err: error }, 'gRPC stream failed'))
  let answered = false
  stream.once('close', () => {
    if (answered) hold.close()
  })
  // What does not speak gRPC gets no status of gRPC.
  const refuseAsHttp = (kind: RefusalKind, answer: OutgoingHttpHeaders) => {
    intake.counters.refused(signal ?? 'unknown', 'grpc', kind)
    end(stream, answer)
  }
  if (!GRPC.test(headers['content-type'] ?? '')) {
    refuseAsHttp('unsupported', { ':status': 415 })
    return
  }
  if (headers[':method'] !== 'POST') {
    refuseAsHttp('method_not_allowed', { ':status': 405, allow: 'POST' })
    return
  }
  const call = answer(stream, headers, signal, hold, options).catch((error: unknown) => {
    const refusal = asRefusal(error)
    if (refusal.kind === 'internal') log.error({ err: refusal.cause, signal }, 'OTLP request failed')
    intake.counters.refused(signal ?? 'unknown', 'grpc', refusal.kind)
    refuse(stream, refusal)
  })
  void call.finally(() => {
    answered = true
    // Until the sender has taken its answer the call stays, and with it what it costs.
    if (stream.destroyed) hold.close()
    else hold.keep(CALL)
  })
}

async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  signal: Signal | undefined,
  hold: Hold,
  { intake, auth, maxRequestSize, requestTimeoutMs }: StreamOptions,
): Promise<void> {
  // The setting that says so binds only who acknowledges it.
  if (bytesOf(headers) > FIELD_BYTES)
    throw new Refusal('too_large', `the fields of the call are over the limit of ${FIELD_BYTES} bytes`)
  if (signal === undefined)
    throw new Refusal('not_found', `no method ${(headers[':path'] ?? '').split('?', 1)[0]}`)
  const allowed = auth.check(headers.authorization, 'ingest')
  if (!allowed.ok) {
    throw new Refusal(
      allowed.problem.status === 401 ? 'unauthenticated' : 'forbidden',
      allowed.problem.detail,
    )
  }
  hold.add(CALL)
  const body = await readMessage(stream, maxRequestSize, requestTimeoutMs, hold)
  // Nothing may be awaited between join and intake: the joined bytes live until the next join.
  const framed = intake.assembly.join(body.take())
  if (framed.length < PREFIX || framed.readUInt32BE(1) !== framed.length - PREFIX) {
    throw new Refusal('malformed', 'the message is not as long as its prefix says')
  }
  let message = framed.subarray(PREFIX)
  if (isCompressed(framed, headers['grpc-encoding'])) {
    const inflated = inflate(message, maxRequestSize, hold)
    message = inflated instanceof Promise ? intake.assembly.join(await inflated) : inflated
  }
  const response = encodeResponse(intake.protobuf(signal, message, 'grpc'))
  if (stream.destroyed) return
  const frame = Buffer.alloc(PREFIX + response.length)
  frame.writeUInt32BE(response.length, 1)
  frame.set(response, PREFIX)
  stream.respond(OK_HEADERS, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers(OK_TRAILERS))
  stream.end(frame)
}

function bytesOf(headers: IncomingHttpHeaders): number {
  let sum = 0
  for (const name in headers) sum += name.length + String(headers[name]).length
  return sum
}

/** Throws Refusal for a first byte that is neither 0 nor 1, and for an encoding other than gzip. */
function isCompressed(framed: Buffer, encoding: string | string[] | undefined): boolean {
  const flag = framed[0] ?? 0
  if (flag > 1) throw new Refusal('malformed', 'the first byte of the message is neither 0 nor 1')
  if (flag === 0) return false
  if (encoding === undefined)
    throw new Refusal('malformed', 'the message is compressed, and no grpc-encoding says how')
  if (encoding !== 'gzip') throw new Refusal('unsupported', `grpc-encoding ${encoding} is not gzip`)
  return true
}

/** The one message of a unary call, with its prefix. */
function readMessage(
  stream: ServerHttp2Stream,
  maxSize: number,
  timeoutMs: number,
  hold: Hold,
): Promise<Body> {
  return new Promise((resolve, reject) => {
    const body = new Body(hold)
    let expected = PREFIX
    const fail = (error: unknown) => {
      clearTimeout(timer)
      body.clear()
      stream.removeAllListeners('data')
      reject(error)
    }
    const timer = setTimeout(
      () => fail(new Refusal('timeout', `the request was not all there after ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    stream.on('data', (chunk: Buffer) => {
      try {
        const before = body.size
        body.add(chunk)
        if (before < PREFIX && body.size >= PREFIX) {
          const length = Buffer.concat(body.pieces(), PREFIX).readUInt32BE(1)
          if (length > maxSize) {
            throw new Refusal('too_large', `the request is over the limit of ${maxSize} bytes`)
          }
          expected = PREFIX + length
        }
        if (body.size > expected && body.size > PREFIX) {
          throw new Refusal('malformed', 'more than one message in a unary call')
        }
      } catch (error) {
        fail(error)
      }
    })
    stream.once('end', () => {
      clearTimeout(timer)
      resolve(body)
    })
    stream.once('close', () => {
      if (!stream.readableEnded) fail(new Refusal('malformed', 'the call ended before its message'))
    })
  })
}

/** A refusal is trailers without a message. What the sender still sends is not wanted: the stream is closed. */
function refuse(stream: ServerHttp2Stream, refusal: Refusal): void {
  end(stream, {
    ...OK_HEADERS,
    'grpc-status': String(refusal.grpcCode),
    'grpc-message': encodeURIComponent(refusal.message.slice(0, LONGEST_MESSAGE).toWellFormed()),
    ...(refusal.retryAfter > 0 && {
      'grpc-status-details-bin': Buffer.from(refusal.status()).toString('base64'),
    }),
  })
}

function end(stream: ServerHttp2Stream, answer: OutgoingHttpHeaders): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return
  stream.respond(answer, { endStream: true })
  stream.resume()
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
}
