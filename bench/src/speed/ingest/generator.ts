// A process of its own: sends requests as fast as the server takes them and tells its parent how many were taken.
import { Agent, request } from 'node:http'
import { Client, credentials } from '@grpc/grpc-js'
import { SPANS, TraceRequest } from './request.ts'

const CONNECTIONS = 4
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const [protocol, port] = process.argv.slice(2)
let taken = 0
let counter = (process.pid & 0xffff) << 16
let stopped = false

const asIs = (value: Buffer) => value
const sendGrpc = () => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  })
  return (body: Buffer) =>
    new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(EXPORT, asIs, asIs, body, (error) =>
        error === null ? resolve() : reject(error),
      )
    })
}
const sendHttp = () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const options = {
    host: '127.0.0.1',
    port: Number(port),
    path: '/v1/traces',
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/x-protobuf' },
  }
  return (body: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const call = request({ ...options, headers: { ...options.headers, 'content-length': body.length } })
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

async function work(send: (body: Buffer) => Promise<void>): Promise<void> {
  const batch = new TraceRequest()
  while (!stopped) {
    // A copy: the last one may still be on its way.
    await send(Buffer.from(batch.next(counter++, Date.now())))
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
