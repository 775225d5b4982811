import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer } from 'node:http2'
import { type AddressInfo, connect as connectSocket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { Sessions } from './sessions.ts'

const patience = { greetingMs: 100, unreadMs: 5000, idleMs: 10_000 }
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function serving() {
  let nowMs = 0
  const ended: string[] = []
  const sessions = new Sessions(
    () => nowMs,
    (reason) => ended.push(reason),
    patience,
  )
  const server = createServer()
  sessions.watch(server)
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    stream.resume()
    if (headers[':path'] === '/later') return
    stream.respond({ ':status': 200 })
    stream.end('answer')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => new Promise((resolve) => server.close(resolve)))
  const { port } = server.address() as AddressInfo
  const client = async (settings = {}) => {
    const session = connect(`http://127.0.0.1:${port}`, { settings })
    session.on('error', () => {})
    stops.push(() => session.destroy())
    await Promise.all([once(session, 'remoteSettings'), once(session, 'localSettings')])
    return session
  }
  /** Looks after so many ms, once a second until then. */
  const sweepAfter = (ms: number) => {
    for (let left = ms; left >= 0; left -= 1000) {
      nowMs += Math.min(1000, left)
      sessions.sweep()
      if (left === 0) break
    }
  }
  const standStill = (ms: number) => {
    nowMs += ms
    sessions.sweep()
  }
  return { port, ended, client, sweepAfter, standStill }
}

async function answered(session: ClientHttp2Session) {
  const stream = session.request({ ':path': '/' })
  stream.on('error', () => {})
  await once(stream, 'response')
  return stream
}

it('cuts a connection that says nothing', async () => {
  const { port, ended, client, sweepAfter } = await serving()
  const silent = connectSocket(port, '127.0.0.1')
  stops.push(() => silent.destroy())
  silent.on('error', () => {})
  const speaking = await client()
  // what is sent to it first tells that it is known
  await once(silent, 'data')
  sweepAfter(99)
  expect(ended).toEqual([])
  sweepAfter(1)
  await once(silent, 'close')
  expect([ended, speaking.closed]).toEqual([['not_http2'], false])
})

it('cuts a connection that takes none of its answers, however many of others it takes', async () => {
  const { ended, client, sweepAfter } = await serving()
  const session = await client({ initialWindowSize: 0 })
  await answered(session)
  sweepAfter(0)
  sweepAfter(4999)
  expect(ended).toEqual([])
  await answered(session)
  sweepAfter(1)
  await once(session, 'close')
  expect(ended).toEqual(['unread'])
})

it('gives peers their time again when it stood still itself', async () => {
  const { ended, client, sweepAfter, standStill } = await serving()
  const session = await client({ initialWindowSize: 0 })
  await answered(session)
  sweepAfter(0)
  standStill(60_000)
  expect([ended, session.closed]).toEqual([[], false])
  sweepAfter(3000)
  await once(session, 'close')
})

it('leaves calls alone that are not answered yet, and connections that read', async () => {
  const { ended, client, sweepAfter } = await serving()
  const session = await client()
  const waiting = session.request({ ':path': '/later' })
  waiting.on('error', () => {})
  const stream = await answered(session)
  stream.resume()
  await once(stream, 'close')
  for (let i = 0; i < 30; i++) sweepAfter(1000)
  expect([ended, session.closed]).toEqual([[], false])
})

it('leaves a connection that calls nothing for long', async () => {
  const { ended, client, sweepAfter } = await serving()
  const session = await client()
  sweepAfter(9999)
  expect(ended).toEqual([])
  sweepAfter(1)
  await once(session, 'close')
  expect(ended).toEqual(['idle'])
})
