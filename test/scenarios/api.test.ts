import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'
import { requestOf, wireSpan } from './protobuf.ts'
import { call, frame, postProtobuf, send } from './requests.ts'
import { quick, Steady } from './steady.ts'

const ROOM = 65_536

let adf: RunningAdf
let steady: Steady
beforeAll(async () => {
  const meters = { kind: 'event', entity: 'id', time: 'at', features: { volts: {}, amps: {} } }
  adf = await startAdf({ ...quick, receiver: { max_in_flight: ROOM }, streams: { meters } })
  steady = new Steady(adf)
  await steady.ready()
})
afterAll(async () => {
  await steady?.stop()
  await adf?.stop()
})

const problem = async (path: string, options: Parameters<typeof send>[1] = {}) => {
  const { status, headers, body } = await send(`${adf.api}${path}`, options)
  expect(headers['content-type']).toContain('application/problem+json')
  return {
    status,
    ...(JSON.parse(body.toString()) as { code: string; detail: string; errors?: { path: string }[] }),
  }
}
const json = { 'content-type': 'application/json' }

/** What comes back for bytes as they are, until the server closes or `enough` was read. */
function raw(port: number, bytes: string, enough = /\r\n\r\n/): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (enough.test(text)) socket.destroy()
    })
    socket.once('close', () => resolve(text)).once('error', reject)
  })
}

describe('OTLP over HTTP', () => {
  const good = requestOf('x', wireSpan())

  test('wrong methods, paths and types', async () => {
    const url = `http://127.0.0.1:${adf.httpPort}`
    const headers = { 'content-type': 'application/x-protobuf' }
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await send(`${url}/v1/traces`, { method, headers })
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    }
    for (const path of ['/', '/v1/trace', '/v1/traces/', '/v2/traces', '/%00', `/${'x'.repeat(5000)}`]) {
      expect(await send(url + path, { body: good, headers })).toMatchObject({ status: 404 })
    }
    for (const type of ['text/plain', 'application/grpc', 'application/x-protobuffer', '']) {
      const answer = await send(`${url}/v1/traces`, { body: good, headers: { 'content-type': type } })
      expect(answer).toMatchObject({ status: 415 })
    }
    expect(
      await call(adf.grpcPort, '/opentelemetry.proto.collector.trace.v1.TraceService/Import', frame(good)),
    ).toMatchObject({ code: 12 })
  })

  test('lengths that lie, and what is no HTTP', async () => {
    const head = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n'
    // Shorter than it is: the rest is no request.
    expect(await raw(adf.httpPort, `${head}content-length: 0\r\n\r\nmore`, /400/)).toContain(
      '400 Bad Request',
    )
    expect(await raw(adf.httpPort, `${head}content-length: -1\r\n\r\n`)).toContain('400 Bad Request')
    expect(
      await raw(adf.httpPort, `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
    ).toContain('400')
    expect(await raw(adf.httpPort, `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`)).toContain('400')
    expect(await raw(adf.httpPort, `GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)).toContain('431')
    expect(await raw(adf.httpPort, '\x16\x03\x01garbage\r\n\r\n')).toContain('400')
    // HTTP/1.1 to gRPC's port gets no answer that it could take for one.
    expect(await raw(adf.grpcPort, `${head}content-length: 0\r\n\r\n`, /^$/)).not.toContain('200 OK')
  })

  test('half requests hold their bytes and no more, and back-pressure ends with them', async () => {
    const held = () => adf.metric('adf_receiver_in_flight_bytes')
    const outcome = (transport: string) =>
      adf.metric('adf_receiver_requests_total', { outcome: 'overloaded', transport })
    const before = [await outcome('http'), await outcome('grpc')]
    const socket = connect(adf.httpPort, '127.0.0.1')
    const head =
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 90000\r\n\r\n'
    socket.write(head + 'x'.repeat(ROOM))
    await until('half a request is held', async () => (await held()) >= ROOM)
    const http = await postProtobuf(adf.httpPort, 'traces', good)
    expect(http).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    const grpc = await call(adf.grpcPort, 'traces', frame(good))
    expect(grpc.code).toBe(14)
    expect(grpc.details?.toString('latin1')).toContain('type.googleapis.com/google.rpc.RetryInfo')
    const event = await send(`${adf.api}/api/events/meters`, { body: '{"id":"a","volts":1}', headers: json })
    expect(event).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expect(JSON.parse(event.body.toString())).toMatchObject({ code: 'overloaded' })
    // The neighbour is told to come again too, and counts nothing twice.
    expect(await outcome('http')).toBeGreaterThan(before[0]!)
    expect(await outcome('grpc')).toBe(before[1]! + 1)
    socket.destroy()
    await until(
      'its room is given back',
      async () => (await postProtobuf(adf.httpPort, 'traces', good)).status === 200,
    )
    expect(await call(adf.grpcPort, 'traces', frame(good))).toMatchObject({ code: 0 })
    await steady.expectUndisturbed()
  })
})

describe('events', () => {
  const post = (body: string, headers: Record<string, string> = json, stream = 'meters') =>
    send(`${adf.api}/api/events/${stream}`, { body, headers })
  const answered = async (body: string, headers?: Record<string, string>) => {
    const answer = await post(body, headers)
    return { status: answer.status, ...(JSON.parse(answer.body.toString()) as object) }
  }

  test('values that are no numbers', async () => {
    for (const volts of ['"NaN"', '"230"', 'true', '[]', '{}', '1e999', 'null']) {
      expect(await answered(`{"id":"a","volts":${volts}}`)).toMatchObject({
        status: 400,
        accepted: 0,
        rejected: 1,
      })
    }
    for (const id of ['null', '""', '{}', '[1]', 'true', `${'['.repeat(10_000)}${']'.repeat(10_000)}`]) {
      expect(await answered(`{"id":${id},"volts":1}`)).toMatchObject({ status: 400, accepted: 0 })
    }
    for (const at of ['"soon"', '-1', '0', '1e300', '"2999-01-01T00:00:00Z"', '"2024-13-45T99:99:99Z"']) {
      expect(await answered(`{"id":"a","volts":1,"at":${at}}`)).toMatchObject({ status: 400, accepted: 0 })
    }
    expect(await adf.metric('adf_feature_events_refused_total', { reason: 'no_number' })).toBeGreaterThan(5)
  })

  test('one bad line among good ones', async () => {
    const lines = '{"id":"a","volts":1}\nnot json\n{"id":"b","volts":2}\n\n[1]\n{"id":"c","amps":3}'
    const answer = await answered(lines, { 'content-type': 'application/x-ndjson' })
    expect(answer).toMatchObject({
      status: 200,
      accepted: 3,
      rejected: 2,
      errors: [{ index: 1 }, { index: 3 }],
    })
  })

  test('unknown streams, wrong types and methods, broken JSON', async () => {
    for (const stream of ['none', 'service', '__proto__', '%27%20OR%201%3D1', 'x'.repeat(1000)]) {
      expect(await post('{}', json, stream)).toMatchObject({ status: 404 })
    }
    expect(await post('{"id":"a","volts":1}', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
    })
    expect(await problem('/api/events/meters', { method: 'GET' })).toMatchObject({ status: 405 })
    for (const body of ['', '{', 'NaN', '[1', '\u0000'])
      expect(await post(body)).toMatchObject({ status: 400 })
  })
})

describe('the API', () => {
  test('unknown and impossible query parameters name themselves', async () => {
    for (const [query, path] of [
      ['limit=0', 'limit'],
      ['limit=1e9', 'limit'],
      ['limit=NaN', 'limit'],
      ['min_score=2', 'min_score'],
      ['from=yesterday', 'from'],
      ['cursor=', 'cursor'],
      ['nonsense=1', ''],
      [`entity=${'x'.repeat(600)}`, 'entity'],
      ['limit=1&limit=2', 'limit'],
    ]) {
      const { status, code, errors } = await problem(`/api/anomalies?${query}`)
      expect({ query, status, code }).toEqual({ query, status: 400, code: 'invalid_request' })
      expect(errors?.map((error) => error.path)).toContain(path)
    }
  })

  test('cursors that nobody gave are refused or end the list, never more', async () => {
    const cursors = [
      'garbage',
      '-1',
      '999999999999999999999',
      'eyJhIjoxfQ==',
      '%27%3B--',
      '%00',
      '%F0%9F%92%A5',
    ]
    for (const path of ['/api/anomalies', '/api/incidents', '/api/thresholds', '/api/entities']) {
      for (const cursor of cursors) {
        const { status } = await send(`${adf.api}${path}?cursor=${cursor}`)
        expect([path, cursor, [200, 400].includes(status)]).toEqual([path, cursor, true])
      }
    }
  })

  test('what looks like SQL is a name like others', async () => {
    const evil = encodeURIComponent("x' OR '1'='1'; DROP TABLE anomalies;--")
    for (const path of [
      `/api/anomalies?entity=${evil}`,
      `/api/incidents?service=${evil}`,
      `/api/thresholds?entity=${evil}`,
    ]) {
      expect(await send(`${adf.api}${path}`)).toMatchObject({ status: 200 })
    }
    for (const path of ['/api/anomalies/', '/api/incidents/']) {
      expect(await problem(`${path}${evil}`)).toMatchObject({ status: 404, code: 'not_found' })
    }
    expect(await problem(`/api/anomalies/${evil}`, { method: 'DELETE' })).toMatchObject({ status: 404 })
    expect(await send(`${adf.api}/api/stats`)).toMatchObject({ status: 200 })
  })

  test('ids, paths, methods and bodies that are wrong', async () => {
    expect(await problem('/api/anomalies/unknown', { method: 'DELETE' })).toMatchObject({ status: 404 })
    expect(await problem(`/api/anomalies/${'x'.repeat(200)}`)).toMatchObject({ status: 400 })
    expect(await problem('/api/anomalies/%E0%A4%A')).toMatchObject({ status: 400 })
    expect(await problem('/api/nothing')).toMatchObject({ status: 404 })
    expect(await problem('/api/graph', { method: 'DELETE' })).toMatchObject({ status: 405 })
    expect(await problem('/api/feedback', { body: 'x' })).toMatchObject({ status: 415 })
    for (const body of ['', '{', '[]', 'null', '{"verdict":"maybe"}']) {
      expect(await problem('/api/feedback', { body, headers: json })).toMatchObject({ status: 400 })
    }
    const unknown = '{"verdict":"true_positive","anomaly_id":"nobody"}'
    expect(await problem('/api/feedback', { body: unknown, headers: json })).toMatchObject({ status: 404 })
    const large = `{"note":"${'x'.repeat(2 ** 20)}"}`
    expect(await problem('/api/feedback', { body: large, headers: json })).toMatchObject({ status: 413 })
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect(await problem('/api/anomaly', { body: deep, headers: json })).toMatchObject({ status: 400 })
    const score = '{"stream":"service","entity":"x","features":{"request_rate":1e999}}'
    expect(await problem('/api/anomaly', { body: score, headers: json })).toMatchObject({ status: 400 })
  })
})

describe('WebSocket', () => {
  const upgrade = (headers: string, path = '/ws/alerts') =>
    `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
    `sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`
  const port = () => Number(new URL(adf.api).port)

  test('pages of others, wrong paths and cursors may not connect', async () => {
    expect(await raw(port(), upgrade('origin: https://evil.example\r\n'))).toContain('403 Forbidden')
    expect(await raw(port(), upgrade('origin: null\r\n'))).toContain('403 Forbidden')
    expect(await raw(port(), upgrade('', '/ws/other'))).toContain('404 Not Found')
    expect(await raw(port(), upgrade('', '/ws/alerts?cursor=x'))).toContain('400 Bad Request')
    expect(await raw(port(), upgrade('', '/ws/alerts?x=1'))).toContain('400 Bad Request')
    expect(await raw(port(), upgrade('', '//'))).toMatch(/^HTTP\/1\.1 40/)
    expect(await raw(port(), upgrade(''))).toContain('101 Switching Protocols')
  })

  test('frames that are none end their own connection only', async () => {
    for (const frames of [
      '\xff\xff\xff\xff',
      '\x81\x05hello',
      '\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff',
      '\x82\xfe\xff\xff0000',
    ]) {
      const socket = connect(port(), '127.0.0.1', () => socket.write(upgrade('')))
      socket.once('data', () => socket.write(Buffer.from(frames, 'latin1')))
      await new Promise((resolve) => socket.once('close', resolve))
    }
    expect(await send(`${adf.api}/health`)).toMatchObject({ status: 200 })
  })
})

test('through all of this the neighbour was not disturbed', async () => {
  await steady.expectUndisturbed()
  expect(adf.process.output()).toBe('')
})
