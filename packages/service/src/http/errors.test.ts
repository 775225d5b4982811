import { once } from 'node:events'
import { createServer } from 'node:http'
import { Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import express from 'express'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createToken, TokenAuthority } from '../auth/tokens.ts'
import { CommitQueueClosed, CommitQueueFull } from '../database/commit.ts'
import { DatabaseUnwritable } from '../database/error.ts'
import { DatabaseUnavailable } from '../database/postgres/fault.ts'
import { codes } from './codes.ts'
import { problemHandler, unknownRoute } from './errors.ts'
import { requireScope } from './guard.ts'
import { healthRoutes } from './health.ts'
import { ProblemError } from './problem.ts'

const reader = createToken()
const auth = new TokenAuthority([{ name: 'reader', sha256: reader.sha256, scopes: ['read'] }])
const readiness = { ready: true, reasons: [] as string[] }
let logged = ''
const log = pino(
  new Writable({
    write: (chunk, _encoding, done) => {
      logged += chunk
      done()
    },
  }),
)
const Body = z.strictObject({ name: z.string(), at: z.array(z.strictObject({ hour: z.int().max(23) })) })

const app = express()
app.use(healthRoutes({ ready: () => readiness }))
app.use(express.json({ limit: 1000 }))
app.post('/things', (request, response) => void response.json(Body.parse(request.body)))
app.get('/things/:id', (request, response) => void response.json(request.params.id))
app.get(
  '/read',
  requireScope(auth, 'read'),
  (_request, response) => void response.json(response.locals['caller']),
)
app.get('/feedback', requireScope(auth, 'feedback'), (_request, response) => void response.json('done'))
app.get('/broken', () => {
  throw new Error('secret internals')
})
app.get('/odd', () => {
  throw 'a string'
})
app.get('/full', () => {
  throw new ProblemError('overloaded', 'the queue is full', { headers: { 'retry-after': '3' } })
})
const refusals = {
  unwritable: new DatabaseUnwritable('SQLITE_FULL', new Error('database or disk is full')),
  gone: new DatabaseUnavailable('ECONNREFUSED', new Error('connect ECONNREFUSED')),
  waiting: new CommitQueueFull('10000 writes wait for the database already'),
  closing: new CommitQueueClosed('the database is closing'),
}
for (const [name, error] of Object.entries(refusals)) {
  app.get(`/store/${name}`, () => {
    throw error
  })
}
app.get('/late', (_request, response) => {
  response.write('begun')
  throw new Error('too late')
})
app.use(unknownRoute)
app.use(problemHandler(log))

const server = createServer(app)
let url = ''
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterAll(() => server.close())

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(url + path, init)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}
const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  ask('/things', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

test('a body that does not fit gets every path', async () => {
  const answer = await post(JSON.stringify({ at: [{ hour: 3 }, { hour: 99, x: 1 }], extra: true }))
  expect(answer).toMatchObject({ status: 400, type: 'application/problem+json; charset=utf-8' })
  expect(answer.body).toMatchObject({
    status: 400,
    code: 'invalid_request',
    title: 'Invalid request',
    type: 'about:blank',
  })
  const paths = (answer.body['errors'] as { path: string }[]).map(({ path }) => path)
  expect(paths.sort()).toEqual(['', 'at[1]', 'at[1].hour', 'name'])
})

test.each([
  [
    'unwritable',
    'store_unwritable',
    'the database cannot be written: database or disk is full (SQLITE_FULL)',
  ],
  ['gone', 'store_unavailable', 'PostgreSQL cannot be reached: connect ECONNREFUSED (ECONNREFUSED)'],
  ['waiting', 'overloaded', '10000 writes wait for the database already'],
  ['closing', 'not_ready', 'the database is closing'],
])(
  'a write that the store could not take, %s: 503 %s with the cause, to be sent again',
  async (path, code, detail) => {
    const answer = await ask(`/store/${path}`)
    expect(answer).toMatchObject({ status: 503, body: { code, detail } })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  },
)

test('a single fault is told in the detail too', async () => {
  const answer = await post(JSON.stringify({ name: 'x', at: [{ hour: 24 }] }))
  expect(answer.body['detail']).toMatch(/^at\[0\]\.hour: /)
})

test.each<[string, () => Promise<{ body: Record<string, unknown> }>, keyof typeof codes]>([
  ['broken JSON', () => post('{"name": '), 'malformed_body'],
  ['a body over the limit', () => post(JSON.stringify('x'.repeat(2000))), 'request_too_large'],
  [
    'a gzip bomb',
    () => post(gzipSync(`"${'x'.repeat(1e6)}"`), { 'content-encoding': 'gzip' }),
    'request_too_large',
  ],
  ['broken gzip', () => post('no gzip', { 'content-encoding': 'gzip' }), 'malformed_body'],
  ['an unknown encoding', () => post('x', { 'content-encoding': 'zip' }), 'unsupported_media_type'],
  [
    'an unknown charset',
    () => post('{}', { 'content-type': 'application/json; charset=x' }),
    'unsupported_media_type',
  ],
  ['an unknown route', () => ask('/nothing'), 'not_found'],
  ['an unknown method', () => ask('/read', { method: 'DELETE' }), 'not_found'],
  ['a path that cannot be decoded', () => ask('/things/%E0%A4%A'), 'invalid_request'],
  ['no token', () => ask('/read'), 'unauthenticated'],
  ['a wrong token', () => ask('/read', { headers: { authorization: 'Bearer x' } }), 'unauthenticated'],
  [
    'too little scope',
    () => ask('/feedback', { headers: { authorization: `Bearer ${reader.token}` } }),
    'forbidden',
  ],
  ['a full queue', () => ask('/full'), 'overloaded'],
])('%s is told by its code', async (_name, request, code) => {
  const answer = await request()
  expect(answer).toMatchObject({
    type: 'application/problem+json; charset=utf-8',
    status: codes[code][0],
    body: { code, status: codes[code][0], title: codes[code][1] },
  })
})

test('headers of a problem are sent', async () => {
  expect((await ask('/full')).headers.get('retry-after')).toBe('3')
  expect((await ask('/read')).headers.get('www-authenticate')).toMatch(/^Bearer/)
})

test('a good token passes and its name is known', async () => {
  const answer = await ask('/read', { headers: { authorization: `Bearer ${reader.token}` } })
  expect(answer).toMatchObject({ status: 200, body: 'reader' })
})

test('an unexpected error is logged and not told', async () => {
  const answer = await ask('/broken')
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
  expect(JSON.stringify(answer.body)).not.toContain('secret internals')
  expect(logged).toContain('secret internals')
  expect(await ask('/odd')).toMatchObject({ status: 500, body: { code: 'internal' } })
})

test('an error after the answer began cuts the answer, not the server', async () => {
  await expect(fetch(`${url}/late`).then((response) => response.text())).rejects.toThrow()
  expect((await ask('/health')).status).toBe(200)
})

test('health is alive and ready says why not', async () => {
  expect(await ask('/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(await ask('/ready')).toMatchObject({ status: 200, body: { status: 'ready' } })
  Object.assign(readiness, { ready: false, reasons: ['the store is down', 'stopping'] })
  expect(await ask('/ready')).toMatchObject({
    status: 503,
    body: {
      code: 'not_ready',
      detail: 'the store is down; stopping',
      reasons: ['the store is down', 'stopping'],
    },
  })
  expect((await ask('/health')).status).toBe(200)
})
