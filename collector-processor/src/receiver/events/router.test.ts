import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createLogger, problemHandler } from '@adf/service'
import express from 'express'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Admission } from '../admission.ts'
import { createEventsRouter, type EventSink } from './router.ts'

const stops: (() => unknown)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

async function running(room = 1000, inFlight = 100_000) {
  const taken: unknown[] = []
  const sink: EventSink = {
    streams: [
      { name: 'transactions', entityKind: 'event', features: [] },
      { name: 'service', entityKind: 'service', features: [] },
    ],
    event: (_, fields) => {
      if (taken.length >= room) return { accepted: false, reason: 'queue_full', message: 'full' }
      if (typeof fields['amount'] !== 'number') {
        return { accepted: false, reason: 'no_number', message: 'amount is not a finite number' }
      }
      taken.push(fields)
      return { accepted: true }
    },
  }
  const registry = new Registry()
  const admission = new Admission(inFlight)
  const refused: string[] = []
  const events = createEventsRouter({
    sink,
    maxRequestSize: 10_000,
    admission,
    refused: (kind) => refused.push(kind),
    registry,
    clock: () => 77,
  })
  const app = express()
  app.use('/api/events', events.router)
  app.use(problemHandler(createLogger({ name: 'test', level: 'silent' })))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const send = async (
    body: string | Buffer,
    headers: Record<string, string> = {},
    stream = 'transactions',
  ) => {
    const response = await fetch(`http://127.0.0.1:${address.port}/api/events/${stream}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
  }
  return { send, taken, registry, admission, refused, port: address.port, received: events.received }
}

const ndjson = { 'content-type': 'application/x-ndjson' }

describe('POST /api/events/{stream}', () => {
  it('takes one event, an array, NDJSON, and gzip', async () => {
    const { send, taken, received } = await running()
    expect((await send('{"amount":1}')).body).toEqual({ accepted: 1, rejected: 0, errors: [] })
    expect((await send('[{"amount":2},{"amount":3}]')).body.accepted).toBe(2)
    expect((await send('{"amount":4}\n\n{"amount":5}\n', ndjson)).body.accepted).toBe(2)
    const zipped = gzipSync('{"amount":6}')
    expect((await send(zipped, { 'content-encoding': 'gzip' })).body.accepted).toBe(1)
    expect(taken).toEqual([1, 2, 3, 4, 5, 6].map((amount) => ({ amount })))
    expect(received).toEqual({ count: 6, lastMs: 77 })
  })

  it('names what it did not take and takes the rest', async () => {
    const { send, registry } = await running()
    const { status, body } = await send('{"amount":1}\n{"amount":"x"}\nnonsense\n7', ndjson)
    expect(status).toBe(200)
    expect(body).toMatchObject({ accepted: 1, rejected: 3 })
    expect(body.errors.map(({ index }: { index: number }) => index)).toEqual([1, 2, 3])
    expect(body.errors[0].message).toBe('amount is not a finite number')
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_receiver_events_total{stream="transactions",outcome="not_an_object"} 2')
    expect(metrics).toContain('adf_receiver_events_total{stream="transactions",outcome="accepted"} 1')
  })

  it('answers 400 when nothing was taken, and lists at most 20 faults', async () => {
    const { send, taken } = await running()
    const { status, body } = await send(JSON.stringify(Array.from({ length: 50 }, () => ({ amount: null }))))
    expect([status, body.code, body.rejected, body.errors.length]).toEqual([400, 'invalid_request', 50, 20])
    expect((await send('{"amount":')).body.code).toBe('malformed_body')
    expect(taken).toEqual([])
  })

  it('answers 404 with the streams there are', async () => {
    const { send } = await running()
    const { status, body } = await send('{"amount":1}', {}, 'service')
    expect([status, body.code, body.streams]).toEqual([404, 'unknown_stream', ['transactions']])
  })

  it('answers 413 over the limit, before and after decompression, and 415 for other types', async () => {
    const { send, refused } = await running()
    const large = JSON.stringify({ amount: 1, text: 'x'.repeat(20_000) })
    expect((await send(large)).status).toBe(413)
    expect((await send(gzipSync(large), { 'content-encoding': 'gzip' })).status).toBe(413)
    expect((await send('<a/>', { 'content-type': 'text/xml' })).status).toBe(415)
    expect((await send('x', { 'content-encoding': 'gzip' })).body.code).toBe('malformed_body')
    expect((await send('{}', { 'content-encoding': 'br' })).status).toBe(415)
    expect(refused).toEqual(['too_large', 'too_large', 'malformed', 'unsupported'])
  })

  it('answers 503 with Retry-After when there is no room', async () => {
    const { send } = await running(0)
    const { status, headers } = await send('{"amount":1}')
    expect([status, headers.get('retry-after')]).toEqual([503, '1'])
  })

  it('takes one byte at a time without the memory of so many chunks, and gives its room back', async () => {
    const { port, admission, taken } = await running()
    const bytes = [...JSON.stringify({ amount: 1, text: 'x'.repeat(3000) })]
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /api/events/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n')
    socket.write(`transfer-encoding: chunked\r\n\r\n${bytes.map((byte) => `1\r\n${byte}\r\n`).join('')}`)
    await vi.waitFor(() => expect(admission.bytesInFlight).toBeGreaterThanOrEqual(bytes.length))
    expect(admission.bytesInFlight).toBeLessThan(3 * bytes.length)
    socket.write('0\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('200 OK')
    expect([taken.length, admission.bytesInFlight]).toEqual([1, 0])
    socket.destroy()
  })

  it('answers 503 with Retry-After while other requests have the room', async () => {
    const { send, admission, refused, taken } = await running(1000, 5000)
    const other = admission.open()
    other.add(4990)
    const busy = await send('{"amount":1,"of":"many"}')
    expect([busy.status, busy.body.code, busy.headers.get('retry-after')]).toEqual([503, 'overloaded', '1'])
    const zipped = gzipSync(JSON.stringify({ amount: 1, text: 'x'.repeat(6000) }))
    other.close()
    other.add(4990 - zipped.length)
    expect((await send(zipped, { 'content-encoding': 'gzip' })).status).toBe(503)
    expect(refused).toEqual(['overloaded', 'overloaded'])
    other.close()
    expect((await send('{"amount":1}')).status).toBe(200)
    expect([taken.length, admission.bytesInFlight]).toEqual([1, 0])
  })
})
