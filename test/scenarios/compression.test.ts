import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { growth } from './memory.ts'
import { field, randomBytes, requestOf, wireSpan } from './protobuf.ts'
import { call, frame, postProtobuf, send } from './requests.ts'
import { quick, Steady } from './steady.ts'

const MIB = 2 ** 20
const LIMIT = 64 * MIB
const IN_FLIGHT = 128 * MIB
/** What is in flight, once as it came and once inflated, and what the collector of garbage has not yet taken back. */
const BOUND_MIB = 640

let adf: RunningAdf
let steady: Steady
beforeAll(async () => {
  adf = await startAdf({
    ...quick,
    receiver: { max_in_flight: IN_FLIGHT },
    streams: { meters: { kind: 'event', entity: 'id', features: { volts: {} } } },
  })
  steady = new Steady(adf)
  await steady.ready()
})
afterAll(async () => {
  await steady?.stop()
  await adf?.stop()
})

const gzip = { 'content-encoding': 'gzip' }
const grpcGzip = { 'grpc-encoding': 'gzip' }
const outcome = (name: string) => adf.metric('adf_receiver_requests_total', { outcome: name })

/** 64 MiB and one byte of nothing, and 6.4 GB of it: gzip allows members to follow one another. */
const small = gzipSync(Buffer.alloc(LIMIT + 1))
const large = Buffer.concat(Array.from({ length: 100 }, () => small))

describe('gzip bombs', () => {
  test.each([
    ['small', small],
    ['large', large],
  ])('a %s one is refused for good over both transports', async (_name, bomb) => {
    const before = await outcome('too_large')
    const grew = await growth(adf, async () => {
      const http = await postProtobuf(adf.httpPort, 'traces', bomb, gzip)
      expect(http.status).toBe(413)
      expect(http.headers['retry-after']).toBeUndefined()
      expect(http.body.subarray(0, 2)).toEqual(Buffer.of(0x08, 8))
      const grpc = await call(adf.grpcPort, 'traces', frame(bomb, { compressed: 1 }), grpcGzip)
      // Without details there is no RetryInfo: the sender must not try again.
      expect(grpc).toMatchObject({ code: 8, details: undefined })
    })
    expect(await outcome('too_large')).toBe(before + 2)
    expect(grew).toBeLessThan(BOUND_MIB)
  })

  test('many at once find no more room than requests may have', async () => {
    const grew = await growth(adf, async () => {
      const bombs = Array.from({ length: 24 }, async (_, i) => {
        if (i % 2 === 0) return (await postProtobuf(adf.httpPort, 'logs', large, gzip)).status
        return (await call(adf.grpcPort, 'logs', frame(large, { compressed: 1 }), grpcGzip)).code
      })
      // Too large, or sent back because others are in flight.
      for (const answer of await Promise.all(bombs)) expect([413, 503, 8, 14]).toContain(answer)
    })
    expect(grew).toBeLessThan(BOUND_MIB)
    expect(await adf.metric('adf_receiver_in_flight_bytes')).toBeLessThan(MIB)
  })

  test('of events', async () => {
    const type = { 'content-type': 'application/json' }
    const url = `${adf.api}/api/events/meters`
    const answer = await send(url, { body: large, headers: { ...type, ...gzip } })
    expect(answer.status).toBe(413)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'request_too_large' })
  })
})

/** 22 million times `each`, gzipped in members that are made once. */
function millions(open: string, each: string, close: string): Buffer {
  const member = gzipSync(each.repeat(1_000_000))
  return Buffer.concat([gzipSync(open), ...Array.from({ length: 22 }, () => member), gzipSync(close)])
}

describe('little that becomes much once it is read', () => {
  const emptyResources = Buffer.alloc(LIMIT)
  for (let at = 0; at < LIMIT; at += 2) emptyResources[at] = 0x0a

  test('millions of empty resources', async () => {
    const body = gzipSync(emptyResources)
    const grew = await growth(adf, async () => {
      for (const signal of ['traces', 'metrics', 'logs'] as const) {
        expect(await postProtobuf(adf.httpPort, signal, body, gzip)).toMatchObject({ status: 400 })
      }
    })
    expect(grew).toBeLessThan(BOUND_MIB)
  })

  test.each([
    ['traces', '{"resourceSpans":['],
    ['logs', '{"resourceLogs":['],
  ])('millions of empty objects in JSON of %s', async (signal, open) => {
    const body = millions(open, '{},', '{}]}')
    const grew = await growth(adf, async () => {
      const url = `http://127.0.0.1:${adf.httpPort}/v1/${signal}`
      const answer = await send(url, { body, headers: { 'content-type': 'application/json', ...gzip } })
      expect([400, 413]).toContain(answer.status)
    })
    expect(grew).toBeLessThan(BOUND_MIB)
  })

  test.each([
    ['application/json', '[', '{},', '{}]'],
    ['application/x-ndjson', '', '{}\n', '{}'],
  ])('millions of empty events as %s', async (type, open, each, close) => {
    const body = millions(open, each, close)
    const grew = await growth(adf, async () => {
      const url = `${adf.api}/api/events/meters`
      const answer = await send(url, { body, headers: { 'content-type': type, ...gzip } })
      expect([400, 413]).toContain(answer.status)
    })
    expect(grew).toBeLessThan(BOUND_MIB)
  })
})

describe('over-long requests without compression', () => {
  const long = Buffer.alloc(LIMIT + 1)

  test('that say so, and that do not', async () => {
    const before = await outcome('too_large')
    expect(await postProtobuf(adf.httpPort, 'traces', long)).toMatchObject({ status: 413 })
    const chunked = { 'transfer-encoding': 'chunked' }
    expect(await postProtobuf(adf.httpPort, 'traces', long, chunked)).toMatchObject({ status: 413 })
    const answer = await call(adf.grpcPort, 'traces', frame(long))
    expect(answer).toMatchObject({ code: 8, details: undefined })
    expect(await outcome('too_large')).toBe(before + 3)
  })

  test('as long as allowed is taken', async () => {
    const request = requestOf('long', wireSpan())
    const padding = field(15, Buffer.alloc(LIMIT - request.length - 5))
    const body = Buffer.concat([request, padding])
    expect(body.length).toBe(LIMIT)
    expect(await postProtobuf(adf.httpPort, 'traces', body)).toMatchObject({ status: 200 })
    expect(await call(adf.grpcPort, 'traces', frame(body))).toMatchObject({ code: 0 })
    expect(await postProtobuf(adf.httpPort, 'traces', gzipSync(body), gzip)).toMatchObject({ status: 200 })
  })

  test('of events', async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await send(`${adf.api}/api/events/meters`, { body: long, headers })
    expect(answer.status).toBe(413)
  })
})

describe('compression that is none', () => {
  const honest = gzipSync(requestOf('x', wireSpan()))

  test('broken gzip', async () => {
    const broken = [
      honest.subarray(0, honest.length - 9),
      randomBytes(100),
      Buffer.alloc(0),
      honest.subarray(1),
    ]
    for (const body of broken) {
      expect(await postProtobuf(adf.httpPort, 'traces', body, gzip)).toMatchObject({ status: 400 })
      const framed = frame(body, { compressed: 1 })
      expect(await call(adf.grpcPort, 'traces', framed, grpcGzip)).toMatchObject({ code: 3 })
    }
  })

  test('encodings that are not known', async () => {
    for (const encoding of ['br', 'deflate', 'zstd', 'gzip, gzip']) {
      const answer = await postProtobuf(adf.httpPort, 'traces', honest, { 'content-encoding': encoding })
      expect(answer.status).toBe(415)
    }
    const framed = frame(honest, { compressed: 1 })
    // INVALID_ARGUMENT for one that is not named.
    expect(await call(adf.grpcPort, 'traces', framed)).toMatchObject({ code: 3 })
    for (const headers of [{ 'grpc-encoding': 'snappy' }, { 'grpc-encoding': 'identity' }]) {
      const { code } = await call(adf.grpcPort, 'traces', framed, headers)
      // UNIMPLEMENTED for an algorithm that is not known.
      expect(code).toBe(12)
    }
  })
})

test('through all of this the neighbour was not disturbed', async () => {
  await steady.expectUndisturbed()
  expect(adf.process.output()).toBe('')
})
