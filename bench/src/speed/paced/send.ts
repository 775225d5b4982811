import { connect } from 'node:http2'
import { Pool } from 'undici'
import type { PatchedRequest } from '../ingest/load/patched-request.ts'

/**
 * What became of a request. `refused`: told to come again, as the OTLP specification wants it: 429, 502, 503 or 504 with Retry-After, or UNAVAILABLE or
 * RESOURCE_EXHAUSTED with RetryInfo. `failed`: any other answer, or none, and which.
 */
type Outcome = 'taken' | 'refused' | { readonly failed: string }
export type Send = (request: PatchedRequest) => Promise<Outcome>
export type Protocol = 'grpc' | 'http'

const RETRYABLE = new Set([429, 502, 503, 504])
const GRPC_HEADERS = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'content-type': 'application/grpc',
  te: 'trailers',
}
/** Megabytes of calls that a connection may have under way: with Node's 10 it takes answers for attacks. */
const SESSION_MEMORY = 1000
const RETRY_INFO = Buffer.from('google.rpc.RetryInfo')
/** UNAVAILABLE and RESOURCE_EXHAUSTED. */
const COME_AGAIN = new Set(['14', '8'])

export function sender(protocol: Protocol, port: number, connections: number): Send {
  return protocol === 'grpc' ? overGrpc(port, connections) : overHttp(port, connections)
}

function overHttp(port: number, connections: number): Send {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 })
  const headers = { 'content-type': 'application/x-protobuf' }
  return async ({ bytes }) => {
    try {
      const answer = await pool.request({ path: '/v1/traces', method: 'POST', headers, body: bytes })
      await answer.body.dump()
      if (answer.statusCode === 200) return 'taken'
      const told = RETRYABLE.has(answer.statusCode) && Number(answer.headers['retry-after']) > 0
      return told ? 'refused' : { failed: `answered ${answer.statusCode}` }
    } catch (error) {
      return { failed: codeOf(error) }
    }
  }
}

function overGrpc(port: number, connections: number): Send {
  const open = () =>
    connect(`http://127.0.0.1:${port}`, { maxSessionMemory: SESSION_MEMORY }).on('error', () => {})
  const sessions = Array.from({ length: connections }, open)
  let next = 0
  return ({ framed }) =>
    new Promise((resolve) => {
      const at = next++ % connections
      if (sessions[at]?.closed !== false) sessions[at] = open()
      const call = sessions[at]?.request(GRPC_HEADERS)
      if (call === undefined) return resolve({ failed: 'no session' })
      let outcome: Outcome = { failed: 'no answer' }
      const told = (headers: Readonly<Record<string, unknown>>) => {
        const status = headers['grpc-status']
        if (status === undefined) return
        const details = Buffer.from(String(headers['grpc-status-details-bin'] ?? ''), 'base64')
        if (status === '0') outcome = 'taken'
        else if (COME_AGAIN.has(String(status)) && details.includes(RETRY_INFO)) outcome = 'refused'
        else outcome = { failed: `answered ${status}` }
      }
      call.on('response', told)
      call.on('trailers', told)
      // One that is refused while it sends is closed early: what counts is what was answered.
      call.on('error', (error) => {
        if (typeof outcome === 'object') outcome = { failed: codeOf(error) }
      })
      call.once('close', () => resolve(outcome))
      call.resume()
      call.end(framed)
    })
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
