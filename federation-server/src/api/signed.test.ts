import { randomBytes } from 'node:crypto'
import { Work } from '@adf/contract/federation'
import { newClientKey } from '@adf/federation/signature'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Answer, SendOptions, TestClient } from '../testing/test-client.ts'
import { RUN, startServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
let client: TestClient
beforeAll(async () => {
  server = await startServer()
  client = await server.client(1)
})
afterAll(() => server.stop())

const codeOf = (answer: Answer) => [answer.status, (answer.json() as { code?: string }).code]
const poll = (options: SendOptions = {}) =>
  client.post('/federation/v1/work', { streams: ['service'] }, options).then(codeOf)
const HOUR = 3_600_000

it.each<[string, () => SendOptions, (number | string)[]]>([
  ['of a key id that is not known', () => ({ keyId: 'nobody' }), [401, 'unknown_key']],
  ['signed with another key', () => ({ key: newClientKey() }), [401, 'bad_signature']],
  [
    'with another body than was signed',
    () => ({ body: Buffer.from('{"streams":[]}') }),
    [401, 'digest_mismatch'],
  ],
  ['signed an hour ago', () => ({ nowMs: Date.now() - HOUR }), [401, 'expired']],
  ['signed an hour ahead', () => ({ nowMs: Date.now() + HOUR }), [401, 'from_the_future']],
  ['that brings its own key but does not enrol', () => ({ keyId: 'new' }), [401, 'unknown_key']],
  ['of another content type', () => ({ type: 'text/plain' }), [415, 'unsupported_media_type']],
])('refuses a request %s', async (_, options, expected) => {
  expect(await poll(options())).toEqual(expected)
})

it('refuses a request that was answered before, also after a restart', async () => {
  const nonce = randomBytes(16)
  expect(await poll({ nonce })).toEqual([200, undefined])
  expect(await poll({ nonce })).toEqual([401, 'replayed'])
  // The nonce is another client's own business.
  const other = await server.client(2)
  expect((await other.post('/federation/v1/work', { streams: [] }, { nonce })).status).toBe(200)
  await server.server.stop()
  const path = server.path
  server = await startServer({ path })
  client.url = server.url
  expect(await poll({ nonce })).toEqual([401, 'replayed'])
})

it('refuses what is not signed, or no JSON, or not of the protocol', async () => {
  const body = Buffer.from('{"streams":["service"]}')
  const headers = { 'content-type': 'application/json' }
  expect(await client.raw('POST', '/federation/v1/work', body, headers).then(codeOf)).toEqual([
    401,
    'missing_signature',
  ])
  expect(await client.send('POST', '/federation/v1/work', Buffer.from('{')).then(codeOf)).toEqual([
    400,
    'malformed_body',
  ])
  expect(await client.post('/federation/v1/work', { streams: 'service' }).then(codeOf)).toEqual([
    400,
    'invalid_request',
  ])
  expect(await client.post('/federation/v1/work?x=1', { streams: [] }).then(codeOf)).toEqual([
    400,
    'invalid_request',
  ])
  const large = await client.send('POST', '/federation/v1/work', Buffer.alloc(300_000, 32))
  expect(codeOf(large)).toEqual([413, 'request_too_large'])
})

it('answers no client of what is not there, and nobody by a method that is not', async () => {
  const get = (path: string) => client.send('GET', path, new Uint8Array()).then(codeOf)
  expect(await get('/federation/v1/runs/none')).toEqual([404, 'not_found'])
  expect(await get(`/federation/v1/runs/${RUN}/versions/0`)).toEqual([404, 'not_found'])
  expect(await get(`/federation/v1/runs/${RUN}/versions/5`)).toEqual([404, 'not_found'])
  expect(await get(`/federation/v1/runs/${RUN}/versions/1/delta`)).toEqual([404, 'not_found'])
  expect(await client.send('DELETE', '/federation/v1/work', new Uint8Array()).then(codeOf)).toEqual([
    405,
    'method_not_allowed',
  ])
  const model = await client.send('GET', `/federation/v1/runs/${RUN}`, new Uint8Array())
  expect(model.json()).toMatchObject({ run: RUN, model: { stream: 'service', features: ['a', 'b', 'c'] } })
})

it('serves no more requests of one client than it may make, and tells it when', async () => {
  const slow = await startServer({ config: { clients: { requests_per_second: 0.1, burst: 3 } } })
  try {
    const [one, two] = [await slow.client(1), await slow.client(2)]
    const status = async (of: TestClient) => (await of.post('/federation/v1/work', { streams: [] })).status
    expect([await status(one), await status(one), await status(one)]).toEqual([200, 200, 200])
    const answer = await one.post('/federation/v1/work', { streams: [] })
    expect(codeOf(answer)).toEqual([429, 'too_many_requests'])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(5)
    expect(await status(two)).toBe(200)
    expect(await (await fetch(`${slow.url}/metrics`)).text()).toContain(
      'adf_fl_requests_refused_total{reason="too_many_requests"} 1',
    )
  } finally {
    await slow.stop()
  }
})

it('holds four polls of one client back, so that others keep a place to wait', async () => {
  const { version, hash } = await client.poll(RUN)
  const wait = () =>
    client.post('/federation/v1/work', {
      holding: [{ run: RUN, version, hash }],
      streams: ['service'],
      wait_seconds: 0.5,
    })
  const answers = await Promise.all(Array.from({ length: 6 }, wait))
  const after = answers.map((answer) => Work.parse(answer.json()).poll_seconds)
  expect(after.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 15, 15])
})

it('holds a poll back until there is something to do, and lets it go when it stops', async () => {
  const begun = performance.now()
  expect((await client.poll(RUN, 0.2)).round).toBeNull()
  expect(performance.now() - begun).toBeGreaterThan(190)
  const waiting = client.poll(RUN, 20).then(
    (work) => work.round,
    () => null,
  )
  for (;;) {
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    if (metrics.includes('adf_fl_waiting_polls 1')) break
  }
  const path = server.path
  await server.server.stop()
  expect(await waiting).toBeNull()
  server = await startServer({ path })
  client.url = server.url
})
