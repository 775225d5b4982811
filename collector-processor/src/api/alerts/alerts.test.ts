import { createHash } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { AlertCloseCode, AlertMessage } from '@adf/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { sampleAnomaly, sampleIncident } from '../../store/sample.test-data.ts'
import { startApi } from '../api.test-server.ts'

let server: Awaited<ReturnType<typeof startApi>>
beforeEach(async () => {
  server = await startApi()
})
afterEach(() => server.stop())

const address = (query = '') => `${server.api.url.replace('http', 'ws')}/ws/alerts${query}`
const publish = async (n: number) => {
  const data = sampleAnomaly(n)
  await Promise.all([server.store.anomalies.add(data), server.api.hub.publish({ type: 'anomaly', data })])
}

/** A client that keeps what it got. */
function connect(
  query = '',
  options: { headers?: Record<string, string>; protocols?: string[]; autoPong?: boolean } = {},
) {
  const { protocols, ...more } = options
  const socket = new WebSocket(address(query), protocols ?? [], more)
  const messages: AlertMessage[] = []
  const waiting: { count: number; done: () => void }[] = []
  socket.on('message', (text) => {
    messages.push(AlertMessage.parse(JSON.parse(text.toString())))
    for (const { count, done } of waiting) if (messages.length >= count) done()
  })
  const refused = new Promise<number>((resolve) =>
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0)),
  )
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)))
  socket.on('error', () => undefined)
  return {
    socket,
    messages,
    refused,
    closed,
    numbers: () => messages.map(({ data }) => Number.parseInt(data.id, 10)),
    opened: () => once(socket, 'open'),
    got: (count: number) =>
      messages.length >= count
        ? Promise.resolve()
        : new Promise<void>((done) => waiting.push({ count, done })),
  }
}
/** Resolves once the server has handled all that this client sent, so that it listens. */
const settled = async (socket: WebSocket) => {
  socket.ping()
  await once(socket, 'pong')
}

test('anomalies and incidents come as they are published', async () => {
  const client = connect()
  await client.opened()
  await settled(client.socket)
  await publish(1)
  const incident = sampleIncident(2)
  await server.store.incidents.save(incident)
  await server.api.hub.publish({ type: 'incident', data: incident })
  await client.got(2)
  expect(client.messages).toMatchObject([
    { type: 'anomaly', data: sampleAnomaly(1) },
    { type: 'incident', data: incident },
  ])
  client.socket.close()
})

test('a client that comes back gets what it missed, then live, with no gap and no duplicate', async () => {
  await Promise.all(Array.from({ length: 300 }, (_, n) => publish(n + 1)))
  const first = connect('?cursor=0')
  await first.got(100)
  const cursor = first.messages[99]?.cursor
  first.socket.terminate()

  let n = 300
  let more = true
  const publishing = (async () => {
    while (more) await publish(++n)
  })()
  const again = connect(`?cursor=${cursor}`)
  await again.got(400)
  more = false
  await publishing
  await again.got(n - 100)
  expect(again.numbers()).toEqual(Array.from({ length: n - 100 }, (_, i) => 101 + i))
  again.socket.close()
})

test('a deleted anomaly at the end of the log does not hold up the replay', async () => {
  await publish(1)
  await publish(2)
  await server.store.anomalies.remove(sampleAnomaly(2).id)
  const client = connect('?cursor=0')
  await client.got(1)
  await settled(client.socket)
  await publish(3)
  await client.got(2)
  expect(client.numbers()).toEqual([1, 3])
  client.socket.close()
})

test.each(['?cursor=99', '?cursor=1'])(
  'a cursor that is not kept, or of another database, is told (%s)',
  async (query) => {
    for (const n of [1, 2, 3]) await publish(n)
    await server.store.retention.sweep(Date.now() + 1000, 2)
    await publish(4)
    expect(await connect(query).closed).toBe(AlertCloseCode.cursorGone)
  },
)

describe('who may connect', () => {
  test('pages of other origins may not, where no token is needed', async () => {
    expect(await connect('', { headers: { origin: 'https://evil.example' } }).refused).toBe(403)
    expect(await connect('', { headers: { origin: 'null' } }).refused).toBe(403)
    const own = connect('', { headers: { origin: server.api.url } })
    await own.opened()
    own.socket.close()
  })

  test('with tokens: by header or subprotocol', async () => {
    await server.stop()
    const sha256 = createHash('sha256').update('secret').digest('hex')
    server = await startApi({
      tokens: [
        { name: 'r', sha256, scopes: ['read'] },
        { name: 'i', sha256: createHash('sha256').update('other').digest('hex'), scopes: ['ingest'] },
      ],
    })
    expect(await connect().refused).toBe(401)
    expect(await connect('', { headers: { authorization: 'Bearer wrong' } }).refused).toBe(401)
    expect(await connect('', { headers: { authorization: 'Bearer other' } }).refused).toBe(403)
    const byHeader = connect('', { headers: { authorization: 'Bearer secret' } })
    await byHeader.opened()
    byHeader.socket.close()
    const byProtocol = connect('', {
      protocols: ['adf', 'bearer.secret'],
      headers: { origin: 'https://grafana.example' },
    })
    await byProtocol.opened()
    expect(byProtocol.socket.protocol).toBe('adf')
    byProtocol.socket.close()
  })

  test('not more than so many', async () => {
    await server.stop()
    server = await startApi({ alerts: { maxClients: 1 } })
    const one = connect()
    await one.opened()
    expect(await connect().refused).toBe(503)
    one.socket.close()
  })

  test('bad cursors and other paths are refused', async () => {
    expect(await connect('?cursor=-1').refused).toBe(400)
    expect(await connect('?from=1').refused).toBe(400)
    expect(await connect('/more').refused).toBe(404)
  })
})

test('a client that does not answer heartbeats is cut off', async () => {
  await server.stop()
  server = await startApi({ alerts: { heartbeatMs: 20 } })
  const silent = connect('', { autoPong: false })
  expect(await silent.closed).toBe(AlertCloseCode.silent)
})

test('a client that does not read is cut off and counted; others are not disturbed', async () => {
  await server.stop()
  server = await startApi({ alerts: { maxBuffered: 10_000 } })
  const { port } = server.api
  const deaf = net.connect(port, '127.0.0.1')
  deaf.write(
    'GET /ws/alerts HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await once(deaf, 'data')
  deaf.pause()
  const reader = connect()
  await reader.opened()
  await settled(reader.socket)
  const cut = async () =>
    (await server.registry.metrics()).includes('adf_alert_clients_closed_total{reason="too_slow"} 1')
  let n = 0
  const title = 'x'.repeat(500_000)
  while (!(await cut()) && n < 100) {
    const incident = sampleIncident(++n, { title })
    await server.store.incidents.save(incident)
    await server.api.hub.publish({ type: 'incident', data: incident })
  }
  expect(await cut()).toBe(true)
  await reader.got(n)
  expect(reader.numbers()).toEqual(Array.from({ length: n }, (_, i) => i + 1))
  deaf.destroy()
  reader.socket.close()
})

test('stopping tells the clients to come back', async () => {
  const client = connect()
  await client.opened()
  await server.api.stop()
  expect(await client.closed).toBe(AlertCloseCode.goingAway)
})

test('a page whose name was made to lead here may not listen, as of its own origin', async () => {
  const socket = net.connect(server.api.port, '127.0.0.1')
  socket.write(
    'GET /ws/alerts HTTP/1.1\r\nhost: evil.example\r\norigin: http://evil.example\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toContain('403 Forbidden')
  socket.destroy()
})
