import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createDelayProxy, listen } from './proxy.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

it('keeps the bytes in order while the delay changes', async () => {
  const received: Buffer[] = []
  const upstream = createServer((socket) => socket.on('data', (chunk) => received.push(chunk)))
  await listen(upstream, 0)
  let delayMs = 0
  const proxy = createDelayProxy(
    () => (upstream.address() as AddressInfo).port,
    () => delayMs,
  )
  const client: Socket = connect(await listen(proxy, 0), '127.0.0.1')
  stops.push(
    () => upstream.close(),
    () => proxy.close(),
    () => client.destroy(),
  )
  await once(client, 'connect')
  client.setNoDelay(true)
  const sent: number[] = []
  for (let i = 0; i < 200; i++) {
    delayMs = (i * 37) % 50
    sent.push(i)
    await new Promise((resolve) => client.write(Uint8Array.of(i), resolve))
    await new Promise(setImmediate)
  }
  client.end()
  await expect.poll(() => Buffer.concat(received).length).toBe(sent.length)
  expect([...Buffer.concat(received)]).toEqual(sent)
})
