import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { STREAMS, simulateEvents } from './events.ts'
import { Refused, sendEvents } from './send.ts'

let server: Server | undefined
afterEach(() => server?.close())

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

const events = (count: number, seed = 1) => [
  ...simulateEvents({ stream: 'iot_sensors', count, seed, anomalies: 0.01, startMs: 0, intervalMs: 20 }),
]

test('events are seeded, about one in a hundred anomalous, none of the first tenth', () => {
  for (const stream of STREAMS) {
    const make = (seed: number) => [
      ...simulateEvents({ stream, count: 10_000, seed, anomalies: 0.01, startMs: 0, intervalMs: 20 }),
    ]
    const first = make(1)
    expect(make(1)).toEqual(first)
    expect(make(2)).not.toEqual(first)
    const share = first.filter((each) => each.anomalous).length / first.length
    expect(share).toBeGreaterThan(0.007)
    expect(share).toBeLessThan(0.013)
    expect(first.slice(0, 1000).some((each) => each.anomalous)).toBe(false)
  }
})

test('anomalous events are far from normal ones of their sensor', () => {
  const all = events(20_000).filter(({ event }) => event['sensor'] === 'press-2')
  const temperatures = (anomalous: boolean) =>
    all.filter((each) => each.anomalous === anomalous).map(({ event }) => Number(event['temperature']))
  expect(Math.min(...temperatures(true))).toBeGreaterThan(Math.max(...temperatures(false)))
})

test('every event arrives once, in order, with the token, through 503s', async () => {
  const bodies: { timestamp: string }[][] = []
  let calls = 0
  const url = await serve((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      expect(request.url).toBe('/api/events/iot_sensors')
      expect(request.headers.authorization).toBe('Bearer t0ken')
      if (++calls % 2 === 1) return response.writeHead(503, { 'retry-after': '0' }).end()
      const batch = JSON.parse(text)
      bodies.push(batch)
      const errors = [{ index: 0, message: 'temperature is not a number' }]
      response.writeHead(200, { 'content-type': 'application/json' })
      return response.end(JSON.stringify({ accepted: batch.length - 1, rejected: 1, errors }))
    })
  })
  const sent = await sendEvents(events(100), {
    url: `${url}/`,
    stream: 'iot_sensors',
    token: 't0ken',
    ratePerSecond: 1e6,
  })
  expect(bodies.flat()).toEqual(events(100).map(({ event }) => event))
  const requests = bodies.length
  expect(sent).toMatchObject({ sent: 100, accepted: 100 - requests, rejected: requests, retries: requests })
  expect(sent.errors[0]).toBe('temperature is not a number')
})

test('any other answer ends it with what the server said', async () => {
  let calls = 0
  const url = await serve((_request, response) => {
    calls++
    response.writeHead(404).end('there is no stream iot_sensors')
  })
  const send = sendEvents(events(5), { url, stream: 'iot_sensors', ratePerSecond: 1e6 })
  await expect(send).rejects.toThrow(Refused)
  await expect(send).rejects.toThrow(/answered 404: there is no stream iot_sensors/)
  expect(calls).toBe(1)
})
