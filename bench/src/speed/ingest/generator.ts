// A process of its own: sends requests as fast as the server takes them and tells its parent how many were taken.
import { Agent, request } from 'node:http'
import { connect } from 'node:http2'
import { SPANS, TraceRequest } from './request.ts'

const CONNECTIONS = 4
const [protocol, port] = process.argv.slice(2)
let taken = 0
let counter = (process.pid & 0xffff) << 16
let stopped = false

/** Sends a request; the promise resolves when the server took it, so that its bytes may be changed. */
type Send = (request: TraceRequest) => Promise<void>

const GRPC_HEADERS = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'content-type': 'application/grpc',
  te: 'trailers',
}

function sendGrpc(): Send {
  const session = connect(`http://127.0.0.1:${port}`)
  return ({ framed }) =>
    new Promise((resolve, reject) => {
      const call = session.request(GRPC_HEADERS)
      call.once('error', reject)
      let status: unknown
      call.once('response', (headers) => {
        status = headers['grpc-status']
      })
      call.once('trailers', (trailers) => {
        status = trailers['grpc-status']
      })
      call.once('end', () => (status === '0' ? resolve() : reject(new Error(`grpc-status ${status}`))))
      call.resume()
      call.end(framed)
    })
}

function sendHttp(): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const options = { host: '127.0.0.1', port: Number(port), path: '/v1/traces', method: 'POST', agent }
  return ({ bytes }) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-protobuf', 'content-length': bytes.length }
      const call = request({ ...options, headers })
      call.once('error', reject)
      call.once('response', (response) => {
        response.resume()
        response.once('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${response.statusCode}`)),
        )
      })
      call.end(bytes)
    })
}

async function work(send: Send): Promise<void> {
  const batch = new TraceRequest(counter++)
  while (!stopped) {
    batch.next(counter++, Date.now())
    await send(batch)
    taken += SPANS
  }
}

process.on('message', (message) => {
  if (message === 'stop') stopped = true
  else process.send?.(taken)
})
const workers = Array.from({ length: CONNECTIONS }, () => work(protocol === 'grpc' ? sendGrpc() : sendHttp()))
await Promise.all(workers)
process.disconnect()
process.exit(0)
