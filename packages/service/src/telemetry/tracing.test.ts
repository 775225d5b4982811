import { once } from 'node:events'
import { createServer } from 'node:http2'
import { trace } from '@opentelemetry/api'
import { expect, onTestFinished, test } from 'vitest'
import { createTelemetry } from './tracing.ts'

/** Takes OTLP over gRPC and keeps the bytes. */
async function endpoint() {
  const received: { path: string; bytes: Buffer }[] = []
  const server = createServer()
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      received.push({ path: String(headers[':path']), bytes: Buffer.concat(chunks) })
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(Buffer.alloc(5))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    received,
  }
}

test('sends the spans of ADF itself at the latest when it stops', async () => {
  const { url, received } = await endpoint()
  const telemetry = createTelemetry({ serviceName: 'adf-processor', endpoint: url })
  await telemetry.start()
  trace.getTracer('test').startSpan('rank root causes').end()
  await telemetry.stop()
  await telemetry.stop()
  expect(received.map(({ path }) => path)).toEqual([
    '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  ])
  const bytes = received[0]?.bytes.toString('latin1')
  expect(bytes).toContain('adf-processor')
  expect(bytes).toContain('rank root causes')
})

test('without an endpoint it does nothing', async () => {
  const telemetry = createTelemetry({ serviceName: 'adf' })
  await telemetry.stop()
  await telemetry.start()
  await telemetry.stop()
})

test('an endpoint that is down is no failure of the service', async () => {
  const telemetry = createTelemetry({ serviceName: 'adf', endpoint: 'http://127.0.0.1:1' })
  await telemetry.start()
  trace.getTracer('test').startSpan('lost').end()
  await telemetry.stop()
}, 20_000)
