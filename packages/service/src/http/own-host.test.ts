import { once } from 'node:events'
import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { TokenAuthority } from '../auth/tokens.ts'
import { createLogger } from '../logging/logger.ts'
import { createHttpListener } from './listener.ts'
import { isOwnHost } from './own-host.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const tokens = new TokenAuthority([{ name: 'a', sha256: '0'.repeat(64), scopes: ['read'] }])

async function askedFor(host: string, { auth = new TokenAuthority(), insecure = false } = {}) {
  const listener = createHttpListener({
    name: 'api',
    listener: { host: '127.0.0.1', port: 0 },
    handler: (_request, response) => response.end('inside'),
    auth,
    insecure,
    log,
  })
  onTestFinished(() => listener.stop())
  await listener.start()
  const asked = request({ port: listener.port, host: '127.0.0.1', headers: { host } }).end()
  const [response] = await once(asked, 'response')
  response.setEncoding('utf8')
  return { status: response.statusCode, body: (await response.toArray()).join('') }
}

test('a page whose name was made to lead to this machine gets nothing', async () => {
  const { status, body } = await askedFor('evil.example:8080')
  expect(status).toBe(403)
  expect(JSON.parse(body)).toMatchObject({
    code: 'forbidden',
    detail: expect.stringContaining('evil.example'),
  })
})

test('with tokens, or told to be insecure, the name does not matter', async () => {
  expect((await askedFor('adf.example', { auth: tokens })).body).toBe('inside')
  expect((await askedFor('adf.example', { insecure: true })).body).toBe('inside')
})

test.each([
  '127.0.0.1:8080',
  'localhost',
  '[::1]:8080',
  '192.0.2.7',
  'adf',
  'host.docker.internal:80',
  'a.localhost',
])('%s is this machine, as far as browsers go', async (host) => {
  expect((await askedFor(host)).body).toBe('inside')
})

test.each([
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.',
  'a@b.example',
  '',
  '/',
])('%s is not', (host) => {
  expect(isOwnHost(host)).toBe(false)
})

test('no header: no browser', () => {
  expect(isOwnHost(undefined)).toBe(true)
})
