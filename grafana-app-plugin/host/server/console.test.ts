import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { createLogger } from '@adf/service'
import { afterEach, expect, test } from 'vitest'
import { createConsole } from './console.ts'
import type { Role } from './plugin-json.ts'

const source = join(import.meta.dirname, '../../src')
const log = createLogger({ name: 'test', level: 'silent' })
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** Opens a WebSocket as a browser would: the status of the answer, and what came of it when it was opened. */
function upgrade(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; echo: string }> {
  return new Promise((resolve, reject) => {
    const call = request({
      host: '127.0.0.1',
      port,
      path,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'a'.repeat(22),
        'sec-websocket-version': '13',
        ...headers,
      },
    })
    call.once('response', (response) => resolve({ status: response.statusCode ?? 0, echo: '' }))
    call.once('upgrade', (response, socket) => {
      socket.setEncoding('utf8').once('data', (echo: string) => {
        resolve({ status: response.statusCode ?? 0, echo })
        socket.destroy()
      })
      socket.write('hello')
    })
    call.once('error', reject)
    call.end()
  })
}

/** A processor that tells what it was asked, and a console in front of it. */
async function start(role: Role = 'Admin', apiToken?: string, others = true) {
  const asked: { method: string; url: string; authorization: string; body: string }[] = []
  const upstream = createServer(async (call: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of call) chunks.push(Buffer.from(chunk))
    const { method = '', url = '', headers } = call
    asked.push({
      method,
      url,
      authorization: headers.authorization ?? '',
      body: Buffer.concat(chunks).toString(),
    })
    if (url === '/api/redirect') response.writeHead(302, { location: 'http://elsewhere.test/' })
    else
      response.writeHead(url === '/api/none' ? 404 : 200, {
        'content-type': 'application/json',
        'x-secret': 'a',
      })
    response.end('{"ok":true}')
  })
  upstream.on('upgrade', ({ url = '', headers }: IncomingMessage, socket) => {
    asked.push({ method: 'UPGRADE', url, authorization: headers.authorization ?? '', body: '' })
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n')
    socket.pipe(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const address = upstream.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  const close = () => new Promise<void>((resolve) => upstream.close(() => resolve()))
  const apiUrl = `http://127.0.0.1:${address.port}`
  const pages = createConsole({
    port: 0,
    apiUrl,
    ...(others && { webhookUrl: `${apiUrl}/of-webhook`, federationUrl: `${apiUrl}/of-federation` }),
    ...(apiToken !== undefined && { apiToken }),
    role,
    version: '1.2.3',
    built: { app: source, host: source },
    log,
  })
  await pages.start()
  stops.push(close, () => pages.stop())
  const proxied = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(`${pages.url}/api/plugin-proxy/adf-app/${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body && { body }),
    })
  return { pages, asked, proxied, close }
}

test('a request goes where plugin.json says, with the token, and its answer comes back', async () => {
  const { asked, proxied } = await start('Admin', 'secret')
  const answer = await proxied('GET', 'api/incidents?state=open&limit=5')
  expect([answer.status, await answer.json(), answer.headers.get('x-secret')]).toEqual([
    200,
    { ok: true },
    null,
  ])
  await proxied('POST', 'api/feedback', '{"a":1}', { 'content-type': 'application/json' })
  expect((await proxied('GET', 'api/none')).status).toBe(404)
  expect(asked).toEqual([
    { method: 'GET', url: '/api/incidents?state=open&limit=5', authorization: 'Bearer secret', body: '' },
    { method: 'POST', url: '/api/feedback', authorization: 'Bearer secret', body: '{"a":1}' },
    { method: 'GET', url: '/api/none', authorization: 'Bearer secret', body: '' },
  ])
})

test('a redirect is not followed: it would carry the token away', async () => {
  const { proxied, asked } = await start('Admin', 'secret')
  expect((await proxied('GET', 'api/redirect')).status).toBe(302)
  expect(asked).toHaveLength(1)
})

test.each([
  ['Viewer', 'GET', 'api/graph', 200],
  ['Viewer', 'POST', 'api/feedback', 403],
  ['Editor', 'POST', 'api/feedback', 200],
  ['Viewer', 'DELETE', 'api/feedback/7', 403],
  ['Editor', 'DELETE', 'api/feedback/7', 200],
  ['Editor', 'DELETE', 'api/anomalies/7', 403],
  ['Admin', 'DELETE', 'api/anomalies/7', 200],
  ['Viewer', 'GET', 'webhook/api/tuner/steps', 200],
  ['Viewer', 'POST', 'webhook/api/tuner/what-if', 200],
  ['Editor', 'PUT', 'webhook/api/tuner/freeze', 403],
  ['Admin', 'PUT', 'webhook/api/tuner/freeze', 200],
  ['Editor', 'PUT', 'api/thresholds', 403],
  ['Admin', 'PUT', 'api/thresholds', 200],
  ['Editor', 'POST', 'api/thresholds/rollback', 403],
  ['Admin', 'POST', 'api/thresholds/rollback', 200],
  ['Viewer', 'GET', 'federation/api/runs/a/rounds', 200],
  ['Viewer', 'POST', 'federation/api/updates/7/release', 403],
  ['Editor', 'POST', 'federation/api/updates/7/reject', 403],
  ['Admin', 'POST', 'federation/api/updates/7/release', 200],
  ['Admin', 'POST', 'federation/api/invitations', 404],
  ['Admin', 'POST', 'federation/api/clients/7/revoke', 404],
  ['Admin', 'POST', 'webhook/api/feedback', 404],
  ['Admin', 'PUT', 'api/graph', 404],
  ['Admin', 'GET', 'metrics', 404],
] as const)('a role %s that asks %s %s gets %d', async (role, method, path, status) => {
  const { proxied, asked } = await start(role)
  expect((await proxied(method, path)).status).toBe(status)
  expect(asked).toHaveLength(status === 200 ? 1 : 0)
})

test.each(['webhook', 'federation'])(
  'the %s is asked at its own address; without one that is said',
  async (name) => {
    const { asked, proxied } = await start('Admin', 'secret')
    await proxied('GET', `${name}/api/status`)
    expect(asked).toEqual([
      { method: 'GET', url: `/of-${name}/api/status`, authorization: 'Bearer secret', body: '' },
    ])
    const without = await start('Admin', 'secret', false)
    const answer = await without.proxied('GET', `${name}/api/status`)
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ detail: expect.stringContaining('its address is not set') }),
    ])
    expect(without.asked).toEqual([])
  },
)

test('a processor that is away is told as such', async () => {
  const { proxied, close } = await start()
  await close()
  const answer = await proxied('GET', 'api/status')
  expect([answer.status, await answer.json()]).toEqual([
    502,
    expect.objectContaining({ code: 'upstream_unreachable' }),
  ])
})

test('the page runs no inline code, and its boot data cannot end their element', async () => {
  const { pages } = await start()
  const answer = await fetch(`${pages.url}/a/adf-app/incidents/7`)
  expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';")
  const html = await answer.text()
  const [, boot = ''] = /<script id="boot" type="application\/json">(.*?)<\/script>/.exec(html) ?? []
  expect(boot).not.toContain('<')
  expect(JSON.parse(boot)).toMatchObject({
    role: 'Admin',
    version: '1.2.3',
    pages: expect.arrayContaining([expect.objectContaining({ name: 'Overview' })]),
  })
  expect(html.match(/<script[^>]*>/g)).toEqual([
    '<script id="boot" type="application/json">',
    '<script src="/console/console.js" defer>',
  ])
})

test('a page of another origin cannot write, and another name for this machine cannot read', async () => {
  const { pages, proxied, asked } = await start()
  expect((await proxied('POST', 'api/feedback', '{}', { origin: 'http://evil.test' })).status).toBe(403)
  expect((await proxied('POST', 'api/feedback', '{}', { origin: pages.url })).status).toBe(200)
  const rebound = await new Promise<number | undefined>((resolve, reject) => {
    request(
      `${pages.url}/api/plugin-proxy/adf-app/api/graph`,
      { headers: { host: 'evil.test' } },
      (response) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
      .once('error', reject)
      .end()
  })
  expect(rebound).toBe(403)
  expect(asked).toHaveLength(1)
})

test('settings can be read, and not be written', async () => {
  const { pages } = await start('Admin', 'secret')
  const settings = await (await fetch(`${pages.url}/api/plugins/adf-app/settings`)).text()
  expect(settings).not.toContain('secret')
  expect(JSON.parse(settings)).toMatchObject({
    id: 'adf-app',
    secureJsonFields: { apiToken: true, webhookToken: true, federationToken: true },
  })
  expect((await fetch(`${pages.url}/api/plugins/adf-app/settings`, { method: 'POST' })).status).toBe(403)
})

test.each([
  '/public/plugins/adf-app/../package.json',
  '/public/plugins/adf-app/%2e%2e/package.json',
  '/public/plugins/adf-app/..%2fpackage.json',
  '/public/plugins/adf-app/..\\package.json',
  '/public/plugins/adf-app/..%5cpackage.json',
  '/console//../package.json',
  '/console/%00/../package.json',
])('no file beside the built ones is served at %s', async (path) => {
  const { pages } = await start()
  const { port } = new URL(pages.url)
  const asked = request({ host: '127.0.0.1', port, path }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  expect(response.statusCode).toBeGreaterThanOrEqual(400)
})

test('a page runs no script but its own, and stands in no frame', async () => {
  const { pages } = await start()
  const policy = (await fetch(pages.url)).headers.get('content-security-policy') ?? ''
  for (const part of [
    "default-src 'none'",
    "script-src 'self';",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ])
    expect(policy).toContain(part)
})

test('the data source reads through its own route, and nothing more', async () => {
  const { pages, asked } = await start('Viewer', 'secret')
  const base = `${pages.url}/api/datasources/proxy/uid/adf`
  expect((await fetch(`${base}/api/anomalies?limit=5`)).status).toBe(200)
  expect((await fetch(`${base}/api/feedback`, { method: 'POST', body: '{}' })).status).toBe(404)
  expect((await fetch(`${base}/metrics`)).status).toBe(404)
  expect(asked).toEqual([
    { method: 'GET', url: '/api/anomalies?limit=5', authorization: 'Bearer secret', body: '' },
  ])
})

test('each nested plugin is served under its own id', async () => {
  const { pages } = await start()
  for (const id of [
    'adf-datasource',
    'adf-graph-panel',
    'adf-causes-panel',
    'adf-timeline-panel',
    'adf-threshold-panel',
  ]) {
    const answer: unknown = await (await fetch(`${pages.url}/public/plugins/${id}/plugin.json`)).json()
    expect(answer).toMatchObject({ id })
  }
  expect((await fetch(`${pages.url}/panels/adf-graph-panel`)).status).toBe(200)
})

test('a WebSocket goes through by the same routes, with the token', async () => {
  const { pages, asked } = await start('Viewer', 'secret')
  const path = '/api/plugin-proxy/adf-app/ws/alerts?cursor=7'
  const own = { origin: pages.url, cookie: 'session=1' }
  expect(await upgrade(pages.port, path, own)).toEqual({ status: 101, echo: 'hello' })
  expect(asked).toEqual([
    { method: 'UPGRADE', url: '/ws/alerts?cursor=7', authorization: 'Bearer secret', body: '' },
  ])
})

test.each([
  ['another path', '/api/plugin-proxy/adf-app/ws/other', {}, 404],
  ['a path outside of the proxy', '/ws/alerts', {}, 404],
  ['a page of another origin', '/api/plugin-proxy/adf-app/ws/alerts', { origin: 'http://evil.test' }, 403],
  ['another name', '/api/plugin-proxy/adf-app/ws/alerts', { host: 'evil.test' }, 403],
])('no WebSocket is opened for %s', async (_what, path, headers, status) => {
  const { pages, asked } = await start()
  expect(await upgrade(pages.port, path, headers)).toEqual({ status, echo: '' })
  expect(asked).toEqual([])
})

test('a WebSocket to nobody is refused, and open ones end with the console', async () => {
  const { pages, close } = await start()
  const path = '/api/plugin-proxy/adf-app/ws/alerts'
  expect((await upgrade(pages.port, path)).status).toBe(101)
  await close()
  expect((await upgrade(pages.port, path)).status).toBe(502)
})
