import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Threshold, ThresholdChange } from '@adf/contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Processor } from '../processor/processor.ts'
import { Holders } from './holders.ts'

const AT = '2026-03-01T00:00:00.000Z'
const STREAM = 'service'

/** What a processor with many thresholds answers, in pages. */
const changes: ThresholdChange[] = []
const asked: string[] = []
/** A page of the list that fails once, by its number. */
let broken: number | undefined
let processor: Processor
let server: ReturnType<typeof createServer>

function change(entity_id: string, to: number | null, source: ThresholdChange['source'] = 'tuner'): void {
  const version = changes.length + 1
  changes.push({ version, stream: STREAM, entity_id, from: null, to, source, reason: null, by: null, at: AT })
}

function thresholds(): Threshold[] {
  const held = new Map<string, Threshold>()
  for (const { version, stream, entity_id, to, source } of changes) {
    held.delete(entity_id)
    if (to === null) continue
    const who = source === 'rollback' ? 'operator' : source
    held.set(entity_id, {
      stream,
      entity_id,
      value: to,
      source: who,
      version,
      reason: null,
      updated_at: AT,
      updated_by: null,
    })
  }
  return [...held.values()].toSorted((a, b) => (a.entity_id < b.entity_id ? -1 : 1))
}

beforeEach(async () => {
  changes.length = 0
  asked.length = 0
  broken = undefined
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const limit = Number(searchParams.get('limit'))
    const from = Number(searchParams.get('cursor') ?? 0)
    asked.push(`${pathname} ${from}`)
    const all = pathname.endsWith('history') ? changes.toReversed() : thresholds()
    if (broken === asked.length) return void request.socket.destroy()
    const items = all.slice(from, from + limit)
    const next_cursor = from + limit < all.length ? String(from + limit) : null
    const page = { items, next_cursor }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify(
        pathname.endsWith('history') ? page : { initial: 0.8, version: changes.length, ...page },
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  processor = new Processor({ url: `http://127.0.0.1:${port}`, timeoutMs: 10_000 })
})
afterEach(async () => {
  await processor.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const name = (n: number) => `e${String(n).padStart(4, '0')}`

test('all pages are read, of thresholds and of history', async () => {
  for (let n = 0; n < 1201; n++) change(name(n), 0.5 + (n % 100) / 1000)
  const holders = new Holders(processor)
  await holders.refresh()
  expect(asked).toEqual([
    '/api/thresholds 0',
    '/api/thresholds 500',
    '/api/thresholds 1000',
    '/api/thresholds/history 0',
    '/api/thresholds/history 500',
    '/api/thresholds/history 1000',
  ])
  for (const n of [0, 499, 500, 1200])
    expect(holders.held(STREAM, name(n))).toMatchObject({
      threshold: { value: 0.5 + (n % 100) / 1000 },
      rolledBack: 0,
      latest: { version: n + 1 },
    })
  expect(holders.held(STREAM, 'none')).toEqual({ threshold: null, rolledBack: 0, latest: undefined })
})

test('afterwards only what is new is read of the history, and nothing when nothing is', async () => {
  for (let n = 0; n < 1201; n++) change(name(n), 0.6)
  const holders = new Holders(processor)
  await holders.refresh()
  asked.length = 0
  await holders.refresh()
  expect(asked).toEqual(['/api/thresholds 0'])
  change(name(7), null, 'rollback')
  await holders.refresh()
  expect(asked.filter((path) => path.includes('history'))).toEqual(['/api/thresholds/history 0'])
  expect(holders.held(STREAM, name(7))).toMatchObject({
    threshold: null,
    rolledBack: 1202,
    latest: { version: 1202, source: 'rollback' },
  })
})

test('a page that does not come leaves all as it was, and is read the next time', async () => {
  for (let n = 0; n < 600; n++) change(name(n), 0.6)
  const holders = new Holders(processor)
  await holders.refresh()
  change(name(0), 0.9, 'operator')
  change(name(599), 0.9, 'operator')
  broken = asked.length + 2
  await expect(holders.refresh()).rejects.toMatchObject({ code: 'unreachable' })
  expect(holders.held(STREAM, name(0))).toMatchObject({ threshold: { value: 0.6 }, latest: { version: 1 } })
  broken = undefined
  await holders.refresh()
  for (const n of [0, 599]) expect(holders.held(STREAM, name(n))).toMatchObject({ threshold: { value: 0.9 } })
})

test('another database behind the address: what was seen of the one before is forgotten', async () => {
  for (let n = 0; n < 3; n++) change(name(n), 0.6)
  change(name(0), null, 'rollback')
  const holders = new Holders(processor)
  await holders.refresh()
  changes.length = 0
  change(name(1), 0.7)
  await holders.refresh()
  expect(holders.held(STREAM, name(0))).toEqual({ threshold: null, rolledBack: 0, latest: undefined })
  expect(holders.held(STREAM, name(1))).toMatchObject({
    threshold: { value: 0.7, version: 1 },
    latest: { version: 1 },
  })
})
