import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger, TokenAuthority } from '@adf/service'
import type { Signal } from '../../telemetry/signal.ts'
import type { Hold } from '../admission.ts'
import type { Intake } from '../intake.ts'
import { encodeResponse, jsonResponse } from '../partial-success.ts'
import { asRefusal, Refusal } from '../refusal.ts'
import { readRequest } from './read.ts'

const SIGNAL_OF_PATH: ReadonlyMap<string, Signal> = new Map([
  ['/v1/traces', 'traces'],
  ['/v1/metrics', 'metrics'],
  ['/v1/logs', 'logs'],
])
const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'

export interface HttpHandlerOptions {
  readonly intake: Intake
  readonly auth: TokenAuthority
  readonly maxRequestSize: number
  readonly log: Logger
}

/** OTLP/HTTP. The body of a refusal is a google.rpc.Status in the request's own content type. */
export function createHttpHandler(options: HttpHandlerOptions): RequestListener {
  const { intake, log } = options
  return (request, response) => {
    const signal = SIGNAL_OF_PATH.get(pathOf(request))
    const hold = intake.admission.open()
    const answering = answer(request, response, signal, hold, options).catch((error: unknown) => {
      const refusal = asRefusal(error)
      if (refusal.kind === 'internal') log.error({ err: refusal.cause, signal }, 'OTLP request failed')
      intake.counters.refused(signal ?? 'unknown', 'http', refusal.kind)
      refuse(request, response, refusal)
    })
    void answering.finally(() => hold.close())
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  signal: Signal | undefined,
  hold: Hold,
  { intake, auth, maxRequestSize }: HttpHandlerOptions,
): Promise<void> {
  if (signal === undefined) {
    throw new Refusal('not_found', `no ${pathOf(request)}; OTLP is at /v1/traces, /v1/metrics and /v1/logs`)
  }
  if (request.method !== 'POST') throw new Refusal('method_not_allowed', 'OTLP requests are POST')
  const allowed = auth.check(request.headers.authorization, 'ingest')
  if (!allowed.ok) {
    throw new Refusal(
      allowed.problem.status === 401 ? 'unauthenticated' : 'forbidden',
      allowed.problem.detail,
    )
  }
  const type = contentType(request)
  if (type !== PROTOBUF && type !== JSON_TYPE) {
    throw new Refusal('unsupported', `content-type must be ${PROTOBUF} or ${JSON_TYPE}`)
  }
  const pieces = await readRequest(request, maxRequestSize, hold)
  // Nothing may be awaited between join and intake: the joined bytes live until the next join.
  const body = intake.assembly.join(pieces)
  if (type === PROTOBUF) {
    send(response, 200, PROTOBUF, encodeResponse(intake.protobuf(signal, body, 'http')))
  } else send(response, 200, JSON_TYPE, jsonResponse(signal, intake.json(signal, body, 'http')))
}

function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  // What is still coming is read and thrown away: a client that is cut off while it sends never sees the answer.
  request.resume()
  if (response.destroyed || response.headersSent) return
  if (refusal.retryAfter > 0) response.setHeader('retry-after', refusal.retryAfter)
  if (refusal.kind === 'method_not_allowed') response.setHeader('allow', 'POST')
  if (refusal.kind === 'unauthenticated') response.setHeader('www-authenticate', 'Bearer realm="adf"')
  if (contentType(request) === PROTOBUF) send(response, refusal.httpStatus, PROTOBUF, refusal.status())
  else {
    const body = JSON.stringify({ code: refusal.grpcCode, message: refusal.message })
    send(response, refusal.httpStatus, JSON_TYPE, body)
  }
}

function send(response: ServerResponse, status: number, type: string, body: Uint8Array | string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** Without the query, which may hold what nobody should repeat. */
const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0]!

function contentType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
}
