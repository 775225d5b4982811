import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pRetry from 'p-retry'
import { Agent, type Dispatcher, request } from 'undici'
import type { Signing } from '../signature/sign.ts'
import { signRequest } from '../signature/sign.ts'
import { type Answer, failureOf } from './answer.ts'
import { FederationError } from './federation-error.ts'
import type { ServerClock } from './server-clock.ts'

export interface TransportOptions {
  /** Of the server, such as `https://federation.example:8081`. A proxy before it must leave path and query as they are. */
  readonly url: string
  /** Bounds one attempt, from its begin to the last byte of the answer, beside what the server may hold it back. Default 30 s. */
  readonly timeoutMs?: number
  /** Attempts after the first. Default 3. */
  readonly retries?: number
  /** Before the first of them, about; doubled each time. Default 500 ms. */
  readonly retryMs?: number
  /** For servers that ask for a certificate, or have one of an own authority; PEM. */
  readonly tls?:
    | { readonly ca?: string | Buffer; readonly cert?: string | Buffer; readonly key?: string | Buffer }
    | undefined
}

/** A request of the protocol. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: { readonly type: string; readonly bytes: Uint8Array }
  /** Longest answer. */
  readonly limit: number
  /** So long the server may hold the answer back. */
  readonly waitMs?: number
  readonly signal?: AbortSignal | undefined
}

/** Bytes of bodies, without headers. */
export interface Traffic {
  readonly sent: number
  readonly received: number
}

export type Credentials = Pick<Signing, 'keyId' | 'privateKey'>

const TIMEOUT_MS = 30_000
const RETRIES = 3
const RETRY_MS = 500
const LONGEST_RETRY_MS = 60_000
/** Between rounds: a connection that is kept costs less than a new one, TLS above all. */
const KEEP_ALIVE_MS = 120_000
const PROBLEM_LIMIT = 2 ** 16
const NO_BODY = new Uint8Array(0)

/** Signed requests over connections that are kept. What may succeed later is tried again, signed anew each time, with the same body. */
export class Transport {
  readonly #options: TransportOptions
  readonly #origin: string
  readonly #prefix: string
  readonly #agent: Agent
  readonly #clock: ServerClock
  #sent = 0
  #received = 0

  /** @throws TypeError for a URL that is none */
  constructor(options: TransportOptions, clock: ServerClock) {
    this.#options = options
    const { origin, pathname } = new URL(options.url)
    this.#origin = origin
    this.#prefix = pathname.replace(/\/$/, '')
    this.#clock = clock
    this.#agent = new Agent({
      connections: 2,
      keepAliveTimeout: KEEP_ALIVE_MS,
      ...(options.tls && { connect: options.tls }),
    })
  }

  /** @returns an answer of a status below 400 @throws FederationError; the reason of the signal when it is aborted */
  send(call: Call, credentials: Credentials): Promise<Answer> {
    const { retries = RETRIES, retryMs = RETRY_MS } = this.#options
    const { signal } = call
    return pRetry(() => this.#inTime(call, credentials), {
      retries,
      minTimeout: retryMs,
      maxTimeout: LONGEST_RETRY_MS,
      randomize: true,
      ...(signal && { signal }),
      shouldRetry: ({ error }) => error instanceof FederationError && error.retryable,
      onFailedAttempt: async ({ error, retriesLeft }) => {
        const waitMs = error instanceof FederationError && error.retryable ? (error.retryAfterMs ?? 0) : 0
        if (retriesLeft > 0 && waitMs > 0)
          await delay(Math.min(LONGEST_RETRY_MS, waitMs), undefined, { ...(signal && { signal }) })
      },
    })
  }

  get traffic(): Traffic {
    return { sent: this.#sent, received: this.#received }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  /** Once more with the server's time when that was what it minded. */
  async #inTime(call: Call, credentials: Credentials): Promise<Answer> {
    const answer = await this.#once(call, credentials)
    if (answer.status < 400) return answer
    const failure = failureOf(answer)
    const { date } = answer.headers
    const serverMs = typeof date === 'string' ? Date.parse(date) : Number.NaN
    const late = failure.code === 'expired' || failure.code === 'from_the_future'
    if (!late || Number.isNaN(serverMs)) throw failure
    this.#clock.learn(serverMs)
    const again = await this.#once(call, credentials)
    if (again.status < 400) return again
    throw failureOf(again)
  }

  async #once(call: Call, credentials: Credentials): Promise<Answer> {
    const { method, body, limit, waitMs = 0, signal } = call
    const target = this.#prefix + call.path + queryOf(call.query)
    const bytes = body?.bytes ?? NO_BODY
    const nonce = randomBytes(16)
    const signing = { ...credentials, nowMs: this.#clock.nowMs(), nonce }
    const timeout = AbortSignal.timeout(waitMs + (this.#options.timeoutMs ?? TIMEOUT_MS))
    try {
      const response = await request(this.#origin + target, {
        dispatcher: this.#agent,
        method,
        headers: {
          ...signRequest({ method, target, body: bytes }, signing),
          ...(body && { 'content-type': body.type }),
        },
        body: body ? bytes : null,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      })
      const { statusCode: status, headers } = response
      const most = status < 400 ? limit : PROBLEM_LIMIT
      this.#sent += bytes.length
      const read = await readBody(response.body, most)
      this.#received += read.length
      return { status, headers, body: read }
    } catch (cause) {
      signal?.throwIfAborted()
      throw failed(cause, timeout.aborted)
    }
  }
}

function failed(cause: unknown, late: boolean): FederationError {
  if (cause instanceof FederationError) return cause
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new FederationError({ code: late ? 'timeout' : 'unreachable', detail, retryable: true, cause })
}

function queryOf(query: Call['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${value}`).join('&')}`
}

/** @throws FederationError `bad_answer` as soon as there is more than the limit */
async function readBody(body: Dispatcher.ResponseData['body'], limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    if (!(part instanceof Uint8Array)) throw new TypeError('the body is not of bytes')
    length += part.length
    if (length > limit) {
      body.destroy()
      throw new FederationError({ code: 'bad_answer', detail: `an answer of more than ${limit} bytes` })
    }
    parts.push(part)
  }
  return Buffer.concat(parts, length)
}
