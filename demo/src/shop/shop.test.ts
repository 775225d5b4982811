import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../run/until.ts'
import { RunningShop } from './shop.ts'
import { startSpanReceiver } from './spans.test-receiver.ts'

let receiver: Awaited<ReturnType<typeof startSpanReceiver>>
let shop: RunningShop

beforeAll(async () => {
  receiver = await startSpanReceiver()
  shop = new RunningShop({
    otlpEndpoint: receiver.endpoint,
    seed: 1,
    services: ['catalog', 'inventory', 'pricing'],
  })
  await shop.start()
}, 60_000)

afterAll(async () => {
  await shop?.stop()
  receiver?.stop()
})

const get = (path: string) => fetch(shop.addressOf('catalog') + path)

/** The calls of one service to another since the last look: client and server span of each. */
async function pairs(client: string, server: string, count: number) {
  const found = () =>
    receiver.spans.flatMap((caller) => {
      if (caller.service !== client || caller.kind !== 'client') return []
      const served = receiver.spans.find((span) => span.parent === caller.id && span.service === server)
      return served ? [{ caller, served }] : []
    })
  return until('spans', async () => (found().length >= count ? found() : undefined), { timeoutMs: 10_000 })
}

test('client and server spans pair over HTTP and gRPC; database spans name the database', async () => {
  receiver.spans.length = 0
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` }
  const response = await fetch(`${shop.addressOf('catalog')}/products/p-7`, { headers })
  expect(await response.json()).toMatchObject({ product: 'p-7', title: 'Product 7', left: 1_000_000 })

  const [[toInventory], [toPricing]] = [
    await pairs('catalog', 'inventory', 1),
    await pairs('catalog', 'pricing', 1),
  ]
  expect(toInventory?.served).toMatchObject({ kind: 'server', failed: false })
  expect(toInventory?.caller.attributes['server.address']).toBe('inventory')
  expect(toPricing?.caller.ms).toBeGreaterThan(toPricing?.served.ms ?? Number.NaN)
  const entry = await until(
    'the entry span',
    async () => receiver.spans.find((span) => span.service === 'catalog' && span.kind === 'server'),
    { timeoutMs: 10_000 },
  )
  expect(entry).toMatchObject({ name: 'GET /products/:product', parent: 'b7ad6b7169203331' })
  const queries = receiver.spans.filter((span) => span.attributes['db.system.name'] === 'sqlite')
  expect(queries.map((span) => span.name).sort()).toEqual([
    'SELECT prices',
    'SELECT products',
    'SELECT stock',
  ])
  for (const query of queries) {
    expect(query).toMatchObject({
      kind: 'client',
      attributes: { 'server.address': 'shop-db', 'db.namespace': 'shop' },
    })
  }
})

test('metrics and logs come too', async () => {
  await get('/offers')
  const { requests } = receiver
  await until('metrics and logs', async () => (requests.metrics > 0 && requests.logs > 0) || undefined, {
    timeoutMs: 10_000,
  })
})

test('each fault shows where it should and nowhere else', async () => {
  const look = async () => {
    receiver.spans.length = 0
    const { status } = await get('/products/p-1')
    const [inventory] = await pairs('catalog', 'inventory', 1)
    return { status, ...inventory }
  }
  await look()

  await shop.inject('network', 'inventory')
  const network = await look()
  expect(network.caller?.ms).toBeGreaterThan(290)
  expect(network.served?.ms).toBeLessThan(150)
  await shop.heal('network', 'inventory')

  await shop.inject('latency', 'inventory')
  const latency = await look()
  expect(latency.served?.ms).toBeGreaterThan(200)
  await shop.heal('latency', 'inventory')

  await shop.inject('database', 'inventory')
  const database = await look()
  const query = await until(
    'the query',
    async () => receiver.spans.find((span) => span.service === 'inventory' && span.name === 'SELECT stock'),
    { timeoutMs: 10_000 },
  )
  expect(query.ms).toBeGreaterThan(290)
  expect(database.served?.ms).toBeGreaterThan(290)
  expect(receiver.spans.find((span) => span.name === 'SELECT prices')?.ms).toBeLessThan(150)
  await shop.heal('database', 'inventory')
})

test('a failing service fails the callers that need it, and an error begins there', async () => {
  await shop.inject('error', 'pricing')
  receiver.spans.length = 0
  await until('a failure', async () => ((await get('/offers')).status === 500 ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 1,
  })
  await shop.heal('error', 'pricing')
  const failed = await until(
    'failed spans',
    async () => {
      const names = receiver.spans.filter((span) => span.failed).map((span) => `${span.service} ${span.kind}`)
      return names.includes('catalog server') && names.includes('pricing server') ? names : undefined
    },
    { timeoutMs: 10_000 },
  )
  expect(failed).toContain('catalog client')
})

test('a crashed service is away, and back at its address afterwards', async () => {
  const before = shop.pids['pricing']
  await shop.inject('crash', 'pricing')
  expect((await get('/offers')).status).toBe(500)
  await shop.heal('crash', 'pricing')
  expect(shop.pids['pricing']).not.toBe(before)
  await until('recovery', async () => ((await get('/offers')).status === 200 ? true : undefined), {
    timeoutMs: 10_000,
  })
})

test('nothing outlives the demo, even when it is killed', async () => {
  const script = `
    const { RunningShop } = await import(${JSON.stringify(new URL('./shop.ts', import.meta.url).href)})
    const shop = new RunningShop({ otlpEndpoint: 'http://127.0.0.1:9', seed: 1, services: ['pricing'] })
    await shop.start()
    console.log(JSON.stringify(Object.values(shop.pids)))
    setInterval(() => {}, 1000)`
  const demo = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(demo.stdout, 'data')
  const pids: number[] = JSON.parse(String(line))
  expect(pids).toHaveLength(3)
  const alive = () =>
    pids.filter((pid) => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    })
  expect(alive()).toEqual(pids)
  demo.kill('SIGKILL')
  await until('the end of all', async () => (alive().length === 0 ? true : undefined), { timeoutMs: 10_000 })
})
