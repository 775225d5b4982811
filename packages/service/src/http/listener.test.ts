import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Agent, get, type RequestListener, request } from 'node:http'
import { get as getTls, type RequestOptions } from 'node:https'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { TokenAuthority } from '../auth/tokens.ts'
import type { Listener } from '../config/listener.ts'
import { createLogger } from '../logging/logger.ts'
import { type Certificates, makeCertificates } from './certificates.test-data.ts'
import { createHttpListener } from './listener.ts'
import { isLoopback } from './safety.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const open = new TokenAuthority()
const closed = new TokenAuthority([{ name: 'a', sha256: '0'.repeat(64), scopes: ['read'] }])
let certificates: Certificates
beforeAll(() => {
  certificates = makeCertificates()
})
afterAll(() => certificates.remove())

interface Options {
  listener?: Partial<Listener>
  handler?: RequestListener
  auth?: TokenAuthority
  insecure?: boolean
  drainMs?: number
  keepAliveMs?: number
}

function make({ listener, handler, auth, insecure, drainMs, keepAliveMs }: Options = {}) {
  const made = createHttpListener({
    name: 'api',
    listener: { host: '127.0.0.1', port: 0, ...listener },
    handler: handler ?? ((_request, response) => response.end('hello')),
    auth: auth ?? open,
    insecure: insecure ?? false,
    log,
    ...(drainMs !== undefined && { drainMs }),
    ...(keepAliveMs !== undefined && { keepAliveMs }),
  })
  onTestFinished(() => made.stop())
  return made
}

async function overTls(url: string, options: RequestOptions): Promise<string> {
  const asked = getTls(url, options)
  const [response] = await once(asked, 'response')
  response.setEncoding('utf8')
  return (await response.toArray()).join('')
}

const tlsOf = (part: Partial<NonNullable<Listener['tls']>> = {}) => ({
  cert_file: certificates.server.cert,
  key_file: certificates.server.key,
  ...part,
})

test('tells clients how long a connection is kept', async () => {
  const listener = make({ keepAliveMs: 125_000 })
  await listener.start()
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const [response] = await once(get(listener.url, { agent }), 'response')
  response.resume()
  expect(response.headers['keep-alive']).toBe('timeout=125')
})

test('serves on the free port that it tells', async () => {
  const listener = make()
  expect([listener.port, listener.url]).toEqual([0, ''])
  await listener.start()
  expect(listener.port).toBeGreaterThan(0)
  expect(await (await fetch(listener.url)).text()).toBe('hello')
  await listener.stop()
  await expect(fetch(listener.url)).rejects.toThrow()
})

test('stop before start and twice is without effect', async () => {
  const listener = make()
  await listener.stop()
  await listener.stop()
})

test('a port that is taken is named', async () => {
  const first = make()
  await first.start()
  await expect(make({ listener: { port: first.port } }).start()).rejects.toThrow(
    `api cannot listen on 127.0.0.1:${first.port}: the port is taken by another process`,
  )
})

test('an address that this machine lacks is named', async () => {
  const listener = make({ listener: { host: '203.0.113.1' }, insecure: true })
  await expect(listener.start()).rejects.toThrow('this machine does not have that address')
})

test('beyond loopback without tokens or client certificates it does not start, and says the ways out', async () => {
  for (const listener of [{ host: '0.0.0.0' }, { host: '::' }, { host: '0.0.0.0', tls: tlsOf() }]) {
    const failure = await make({ listener })
      .start()
      .catch((error: unknown) => String(error))
    for (const way of ['127.0.0.1', 'auth.tokens', 'client_ca_file', '--insecure'])
      expect(failure).toContain(way)
  }
})

test.each([
  ['tokens', () => ({ auth: closed })],
  ['--insecure', () => ({ insecure: true })],
  ['client certificates', () => ({ listener: { tls: tlsOf({ client_ca_file: certificates.ca }) } })],
])('beyond loopback it starts with %s', async (_name, options) => {
  const given: Options = options()
  const listener = make({ ...given, listener: { host: '0.0.0.0', ...given.listener } })
  await listener.start()
  expect(listener.url).toMatch(/^https?:\/\/127\.0\.0\.1:\d+$/)
})

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['', false],
  ['10.0.0.1', false],
  ['localhost.example.org', false],
])('%j is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

test('TLS answers a client that trusts its authority', async () => {
  const listener = make({ listener: { tls: tlsOf() } })
  await listener.start()
  const ca = await readFile(certificates.ca)
  expect(await overTls(listener.url, { ca })).toBe('hello')
  await expect(overTls(listener.url, {})).rejects.toThrow(/certificate/)
})

test('mTLS answers clients of its authority only', async () => {
  const listener = make({ listener: { tls: tlsOf({ client_ca_file: certificates.ca }) } })
  await listener.start()
  const [ca, ...files] = await Promise.all(
    [certificates.ca, ...Object.values(certificates.client), ...Object.values(certificates.stranger)].map(
      (file) => readFile(file),
    ),
  )
  const [cert, key, strangeCert, strangeKey] = files
  expect(await overTls(listener.url, { ca, cert, key })).toBe('hello')
  await expect(overTls(listener.url, { ca })).rejects.toThrow()
  await expect(overTls(listener.url, { ca, cert: strangeCert, key: strangeKey })).rejects.toThrow()
})

test('a bad PEM file is named with its key', async () => {
  const garbage = `${certificates.ca}.garbage`
  writeFileSync(garbage, 'not a certificate')
  const broken = `${certificates.ca}.broken`
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  const start = (part: Partial<NonNullable<Listener['tls']>>) =>
    make({ listener: { tls: tlsOf(part) } }).start()
  await expect(start({ cert_file: '/nowhere.pem' })).rejects.toThrow(
    /tls\.cert_file \/nowhere\.pem cannot be read: ENOENT/,
  )
  await expect(start({ key_file: garbage })).rejects.toThrow(
    `tls.key_file ${garbage} cannot be read: not a PEM file`,
  )
  await expect(start({ key_file: certificates.client.key })).rejects.toThrow(
    /are not a certificate and its private key/,
  )
  await expect(start({ client_ca_file: broken })).rejects.toThrow(
    /tls\.client_ca_file .+ holds something else than certificates/,
  )
})

test('stop finishes the request in flight, on a connection that it then closes', async () => {
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const listener = make({
    handler: (_request, response) => {
      arrived.resolve()
      void release.promise.then(() => response.end('finished'))
    },
  })
  await listener.start()
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const asked = get(listener.url, { agent })
  const answered = once(asked, 'response')
  await arrived.promise
  const stopped = listener.stop()
  await expect(fetch(listener.url)).rejects.toThrow()
  release.resolve()
  const [response] = await answered
  response.setEncoding('utf8')
  expect((await response.toArray()).join('')).toBe('finished')
  await stopped
})

test('stop closes idle kept-alive connections at once', async () => {
  const listener = make({ drainMs: 60_000 })
  await listener.start()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const [response] = await once(get(listener.url, { agent }), 'response')
  response.resume()
  await once(response, 'end')
  await listener.stop()
})

test('stop cuts a request that never ends, and a connection that was upgraded', async () => {
  const listener = make({ handler: () => {}, drainMs: 20 })
  await listener.start()
  listener.server?.on('upgrade', (_request, socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
  })
  const hanging = request(listener.url)
  const cut = once(hanging, 'error')
  const [connected] = [once(hanging, 'socket')]
  hanging.end()
  await connected
  const socket = connect(listener.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
  await once(socket, 'data')
  const ended = once(socket, 'close')
  await listener.stop()
  await Promise.all([cut, ended])
})
