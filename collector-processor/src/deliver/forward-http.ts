import { Agent, type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest, Agent as TlsAgent } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ForwardRequest } from '../telemetry/forward.ts'
import { limitAttempt } from './forward-limit.ts'
import { LONGEST_ANSWER, type PartialSuccess, partialOf, printable } from './forward-partial-success.ts'
import { type ForwardEndpoint, SendError, type Sender } from './forward-sender.ts'
import type { ClientTls } from './forward-tls.ts'

const compress = promisify(gzip)
/** Retryable by the OTLP specification. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** Sends to an OTLP/HTTP endpoint, the base URL of /v1/traces and so on. A JSON request goes on as JSON. */
export function createHttpSender(endpoint: ForwardEndpoint, tls: ClientTls): Sender {
  const base = endpoint.endpoint.replace(/\/+$/, '')
  const secure = base.startsWith('https:')
  const agent = secure ? new TlsAgent({ keepAlive: true, ...tls }) : new Agent({ keepAlive: true })
  const send = async ({ signal, protobuf, json }: ForwardRequest, stop: AbortSignal) => {
    const zipped = endpoint.compression === 'gzip'
    const body = zipped ? await compress(json ?? protobuf) : (json ?? protobuf)
    const headers = {
      ...endpoint.headers,
      'content-type': json === undefined ? 'application/x-protobuf' : 'application/json',
      'content-length': body.length,
      ...(zipped && { 'content-encoding': 'gzip' }),
    }
    const options = { method: 'POST', agent, headers }
    let lift = () => {}
    const attempt = new Promise<PartialSuccess | undefined>((resolve, reject) => {
      const fail = (error: Error) => reject(new SendError(error.message, { retryable: true, cause: error }))
      const call = (secure ? secureRequest : plainRequest)(`${base}/v1/${signal}`, options, (response) => {
        answer(response, json !== undefined).then(resolve, reject)
      })
      call.on('error', fail)
      lift = limitAttempt(endpoint.timeout, stop, (reason) => {
        reject(reason)
        call.destroy()
      })
      call.end(body)
    })
    return attempt.finally(() => lift())
  }
  return { send, close: () => agent.destroy() }
}

/** `askedInJson`: what an answer without a type is in. */
async function answer(response: IncomingMessage, askedInJson: boolean): Promise<PartialSuccess | undefined> {
  const { statusCode: status = 0, headers } = response
  const body = await read(response)
  if (status >= 200 && status < 300) {
    return body && partialOf(body, headers['content-type']?.includes('json') ?? askedInJson)
  }
  const said = headers.location === undefined ? body?.toString() : `redirects to ${headers.location}`
  throw new SendError(`HTTP ${status}: ${printable(said ?? '')}`, {
    retryable: RETRYABLE.has(status),
    retryAfterMs: retryAfter(headers['retry-after']),
  })
}

/** Undefined when it is longer than anyone would read; the connection is then given up. */
async function read(response: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response) {
      length += chunk.length
      if (length > LONGEST_ANSWER) return undefined
      chunks.push(chunk)
    }
  } catch (error) {
    throw new SendError('the answer was cut off', { retryable: true, cause: error })
  }
  return Buffer.concat(chunks)
}

/** Retry-After in seconds or as a date. */
function retryAfter(header: string | undefined): number {
  if (header === undefined) return 0
  const seconds = Number(header)
  const delay = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(delay) ? Math.max(0, delay) : 0
}
