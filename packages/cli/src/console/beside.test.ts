import { createServer, type Server } from 'node:net'
import { Config } from '@adf/processor'
import { afterEach, expect, test } from 'vitest'
import { consoleBeside, parseConsole, parseFederation, parseRole } from './beside.ts'

const config = Config.parse({ log: { level: 'silent' } })
const about = (defaultPort: number) => ({ config, webhook: undefined, version: '0.0.0', defaultPort })

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
/** @returns the port; 0 takes a free one */
const take = (port: number) =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject)
    servers.push(server)
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
const release = () => new Promise((resolve) => servers.pop()?.close(resolve))

test('there is none when the default port is taken, which is Grafana’s as well', async () => {
  expect(await consoleBeside(undefined, about(await take(0)))).toBeUndefined()
  expect(await consoleBeside('off', about(0))).toBeUndefined()
})

test('a default port that is taken after it was found free keeps nothing from starting', async () => {
  const port = await take(0)
  await release()
  const made = await consoleBeside(undefined, about(port))
  await take(port)
  await made?.start()
  await made?.stop()
  expect(made?.name).toBe('console')
})

test('a port that was asked for is a fault when it is taken', async () => {
  const made = await consoleBeside(await take(0), about(0))
  await expect(made?.start()).rejects.toThrow('the port is taken by another process')
  await made?.stop()
})

test.each([
  ['off', 'off'],
  ['0', 0],
  ['65535', 65_535],
])('reads %s', (text, choice) => expect(parseConsole(text)).toBe(choice))

test.each(['65536', '-1', '3000x', ''])('refuses the port %j', (text) => {
  expect(() => parseConsole(text)).toThrow('TCP port')
})

test('a role is one of three', () => {
  expect(['viewer', 'editor', 'admin'].map(parseRole)).toEqual(['Viewer', 'Editor', 'Admin'])
  expect(() => parseRole('owner')).toThrow('viewer, editor or admin')
  expect(() => parseRole('toString')).toThrow('viewer, editor or admin')
})

test('it knows a federation server that runs elsewhere', async () => {
  const port = await take(0)
  await release()
  const made = await consoleBeside(port, { ...about(0), federationUrl: 'http://127.0.0.1:9' })
  await made?.start()
  const settings = await fetch(`http://127.0.0.1:${port}/api/plugins/adf-app/settings`)
  expect(await settings.json()).toMatchObject({ jsonData: { federationUrl: 'http://127.0.0.1:9' } })
  await made?.stop()
})

test.each([
  ['http://127.0.0.1:8081', 'http://127.0.0.1:8081'],
  ['https://federation.example/adf/', 'https://federation.example/adf'],
])('takes %s as the address of a federation server', (text, url) => expect(parseFederation(text)).toBe(url))

test.each(['127.0.0.1:8081', 'ftp://a', 'http://me:secret@a', 'http://a?b', ''])(
  'refuses %j as the address of a federation server',
  (text) => {
    expect(() => parseFederation(text)).toThrow('address such as http://127.0.0.1:8081')
  },
)
