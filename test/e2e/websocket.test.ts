import type { AlertMessage, Anomaly, AnomalyPage } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../harness/process.ts'
import { breakPayment, startWarmShop } from '../harness/warm-shop.ts'

let shop: Awaited<ReturnType<typeof startWarmShop>>
beforeAll(async () => {
  shop = await startWarmShop()
})
afterAll(() => shop?.stop())

test('who was away gets each missed anomaly exactly once', async () => {
  const first = await listen()
  const incident = await breakPayment(shop.adf, shop.traffic)
  await until(
    'an anomaly and its incident',
    () => first.anomalies().length > 0 && first.incidents().length > 0,
  )
  await first.close()
  const cursor = first.messages.at(-1)?.cursor
  const known = first.anomalies()

  await until('anomalies that nobody listened to', async () => (await stored()).length > known.length + 3)
  const missed = (await stored()).filter((one) => !known.includes(one.id))
  const second = await listen(cursor)
  // Those missed, then live ones.
  await until('live anomalies', () => second.anomalies().length > missed.length + 3)
  shop.traffic.strike(undefined)
  await until('the end of the incident', () => second.incidents().some((one) => one.state === 'resolved'))
  await second.close()

  const all = (await stored()).map((one) => one.id).sort()
  const got = [...first.anomalies(), ...second.anomalies()]
  expect([...got].sort()).toEqual(all)
  expect(new Set(second.messages.map((one) => one.cursor)).size).toBe(second.messages.length)
  expect(second.incidents().map((one) => one.id)).toContain(incident.id)
})

async function listen(cursor?: string) {
  const url = `${shop.adf.api.replace('http', 'ws')}/ws/alerts${cursor === undefined ? '' : `?cursor=${cursor}`}`
  const socket = new WebSocket(url)
  const messages: AlertMessage[] = []
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
  socket.addEventListener('message', ({ data }) => messages.push(JSON.parse(String(data))))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return {
    messages,
    anomalies: () => messages.flatMap((one) => (one.type === 'anomaly' ? [one.data.id] : [])),
    incidents: () => messages.flatMap((one) => (one.type === 'incident' ? [one.data] : [])),
    close: async () => {
      socket.close()
      await closed
    },
  }
}

async function stored(): Promise<Anomaly[]> {
  const all: Anomaly[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: AnomalyPage = await shop.adf.json(`/api/anomalies?limit=100${cursor && `&cursor=${cursor}`}`)
    all.push(...page.items)
    cursor = page.next_cursor
  }
  return all
}
