import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { purposeOf } from './purpose.ts'
import { counting, Relay } from './relay.ts'

const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

it('carries requests as they are, and counts every byte of them', async () => {
  const seen = { read: 0, written: 0 }
  const server = createServer(async (incoming, answer) => {
    const parts: Buffer[] = []
    for await (const part of incoming) parts.push(part)
    answer.end(Buffer.concat(parts).toString('hex'))
  })
  server.on('connection', (socket) =>
    socket.on('close', () => {
      seen.read += socket.bytesRead
      seen.written += socket.bytesWritten
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const relay = new Relay({ host: '127.0.0.1', port: address.port })
  await relay.listen(0)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  closing.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => relay.close(),
    () => agent.destroy(),
  )

  const post = async (path: string, body: Buffer) => {
    const sent = request({ host: '127.0.0.1', port: relay.port, path, method: 'POST', agent }).end(body)
    const [answer]: IncomingMessage[] = await once(sent, 'response')
    return text(answer!)
  }
  const large = Buffer.alloc(300_000, 7)
  expect(await post('/federation/v1/work', Buffer.of(1, 2))).toBe('0102')
  expect(await post('/federation/v1/runs/a/rounds/3/update?base=2', large)).toBe(large.toString('hex'))
  expect(await post('/federation/v1/work', Buffer.of(255))).toBe('ff')
  agent.destroy()
  await expect.poll(() => seen.read).toBeGreaterThan(0)

  expect([...relay.carried.keys()]).toEqual(['poll', 'update'])
  expect(relay.carried.get('poll')?.requests).toBe(2)
  const update = relay.carried.get('update')!
  expect(update.up).toBeGreaterThan(300_000)
  expect(update.down).toBeGreaterThan(600_000)
  expect(relay.total).toBe(seen.read + seen.written)
  expect(relay.connections).toBe(1)
})

it('takes what comes before the answer for the same request, whatever it looks like', () => {
  const carried = new Map()
  const count = counting(carried)
  count.up(Buffer.from('POST /federation/v1/runs/a/rounds/1/update HTTP/1.1\r\n'))
  count.up(Buffer.from('GET /federation/v1/runs/a HTTP/1.1\r\n'))
  count.down(Buffer.from('HTTP/1.1 200 OK\r\n'))
  expect(carried).toEqual(new Map([['update', { up: 53 + 36, down: 17, requests: 1 }]]))
})

it.each([
  ['POST /federation/v1/clients HTTP/1.1', 'enrolment'],
  ['POST /federation/v1/work HTTP/1.1', 'poll'],
  ['GET /federation/v1/runs/a HTTP/1.1', 'model'],
  ['GET /federation/v1/runs/a/versions/3/delta HTTP/1.1', 'weights'],
  ['GET /federation/v1/runs/a/versions/3 HTTP/1.1', 'weights'],
  ['POST /federation/v1/runs/a/rounds/12/update?base=3&samples=9 HTTP/1.1', 'update'],
  ['PUT /federation/v1/clients/x/key HTTP/1.1', 'other'],
  ['nothing of the kind', undefined],
])('%s is for %s', (line, purpose) => {
  expect(purposeOf(line)).toBe(purpose)
})
