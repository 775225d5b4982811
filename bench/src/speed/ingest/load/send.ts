import { Agent, request } from 'node:http'
import { connect } from 'node:http2'
import type { Signal } from './cell.ts'

/** Sends a request; the promise resolves when the server took it, so that its bytes may be changed. */
export type Send = (body: Buffer) => Promise<void>

const SERVICE: Readonly<Record<Signal, string>> = {
  traces: 'trace.v1.TraceService',
  metrics: 'metrics.v1.MetricsService',
  logs: 'logs.v1.LogsService',
}

/** A connection of its own. */
export function sendGrpc(signal: Signal, port: number, gzip: boolean): Send {
  const session = connect(`http://127.0.0.1:${port}`)
  const headers = {
    ':method': 'POST',
    ':path': `/opentelemetry.proto.collector.${SERVICE[signal]}/Export`,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(gzip && { 'grpc-encoding': 'gzip' }),
  }
  return (body) =>
    new Promise((resolve, reject) => {
      const call = session.request(headers)
      call.once('error', reject)
      let status: unknown
      call.once('response', (answer) => {
        status = answer['grpc-status']
      })
      call.once('trailers', (trailers) => {
        status = trailers['grpc-status']
      })
      call.once('end', () => (status === '0' ? resolve() : reject(new Error(`grpc-status ${status}`))))
      call.resume()
      call.end(body)
    })
}

/** A connection of its own. */
export function sendHttp(signal: Signal, port: number, gzip: boolean): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const options = { host: '127.0.0.1', port, path: `/v1/${signal}`, method: 'POST', agent }
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/x-protobuf',
        'content-length': body.length,
        ...(gzip && { 'content-encoding': 'gzip' }),
      }
      const call = request({ ...options, headers })
      call.once('error', reject)
      call.once('response', (response) => {
        response.resume()
        response.once('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${response.statusCode}`)),
        )
      })
      call.end(body)
    })
}
