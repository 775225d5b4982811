import { describe, expect, it } from 'vitest'
import type { PlainLog } from '../telemetry/log-builder.ts'
import { bodies, miningOf } from './mining.test-data.ts'

const START = 1_760_000_000_000
const MINUTE = 60_000
const NOW = START + 20 * MINUTE
const none = () => undefined

/** Requests at 2 a second for so long, each with a span of its own and the lines that `linesOf` gives it. */
function traffic(fromMs: number, toMs: number, linesOf: (n: number) => readonly string[]): PlainLog[] {
  const logs: PlainLog[] = []
  for (let timeMs = fromMs, n = 0; timeMs < toMs; timeMs += 500, n++) {
    const id = Math.floor(timeMs).toString(16).padStart(16, '0')
    for (const [i, body] of linesOf(n).entries())
      logs.push({
        resource: { 'service.name': 'cart', 'service.instance.id': `cart-${n % 2}` },
        timeMs: timeMs + i,
        severity: 9,
        body,
        traceId: id + id,
        spanId: id,
      })
  }
  return logs
}

const usual = (n: number) => [`begin cart ${n}`, `read cart ${n}`, 'end of cart']

describe('evidence of logs', () => {
  it('is none while all is as usual, with or without requests', () => {
    const { mining, take } = miningOf()
    take(traffic(START, NOW, usual))
    expect(mining.evidence(NOW - MINUTE, NOW, none)).toEqual([])
    const requests = new Map(Array.from({ length: 240 }, (_, i) => [START / 5000 + i, 10]))
    expect(mining.evidence(NOW - MINUTE, NOW, () => requests)).toEqual([])
  })

  it('names what is new, what is gone and which line does not follow any more, with an example', () => {
    const { mining, take } = miningOf()
    take(traffic(START, NOW - MINUTE, usual))
    take(traffic(NOW - MINUTE, NOW, (n) => [`begin cart ${n}`, `cart ${n} is locked`]))
    const found = mining.evidence(NOW - MINUTE, NOW, none)
    const of = (what: string, subject: string) =>
      found.find((one) => one.what === what && one.subject === subject)
    expect(of('transition', 'begin cart <*> → read cart <*>')).toMatchObject({
      service: 'cart',
      value: 0,
      expected: 1,
    })
    expect(of('transition', 'begin cart <*> → cart <*> is locked')).toMatchObject({ value: 1, expected: 0 })
    const locked = found.find(({ subject }) => subject === 'cart <*> is locked')
    expect(locked).toBeDefined()
    expect(of('transition', 'begin cart <*> → cart <*> is locked')?.example).toMatch(/^cart \d+ is locked$/)
    expect(found.length).toBeLessThanOrEqual(6)
    for (const { z, sinceMs } of found) {
      expect(Math.abs(z)).toBeGreaterThanOrEqual(3)
      expect(sinceMs).toBeGreaterThanOrEqual(NOW - MINUTE - 5000)
    }
  })

  it('a rush of requests is no evidence: lines count per request', () => {
    const { mining, take } = miningOf()
    take(traffic(START, NOW - MINUTE, usual))
    take([
      ...traffic(NOW - MINUTE, NOW, usual),
      ...traffic(NOW - MINUTE + 100, NOW, usual),
      ...traffic(NOW - MINUTE + 200, NOW, usual),
    ])
    const requests = new Map(Array.from({ length: 240 }, (_, i) => [START / 5000 + i, i < 228 ? 10 : 30]))
    expect(mining.evidence(NOW - MINUTE, NOW, () => requests)).toEqual([])
    expect(mining.evidence(NOW - MINUTE, NOW, none)).not.toEqual([])
  })

  it('an incident within history does not make its lines usual', () => {
    const { mining, take } = miningOf()
    const faulty = (n: number) => [`begin cart ${n}`, `cart ${n} is locked`]
    take(traffic(START, START + 8 * MINUTE, usual))
    take(traffic(START + 8 * MINUTE, START + 10 * MINUTE, faulty))
    take(traffic(START + 10 * MINUTE, NOW - MINUTE, usual))
    take(traffic(NOW - MINUTE, NOW, faulty))
    const subjects = mining.evidence(NOW - MINUTE, NOW, none).map(({ subject }) => subject)
    expect(subjects).toContain('begin cart <*> → read cart <*>')
  })

  it('of what is older than the service is nobody asked', () => {
    const { mining, take } = miningOf()
    take(traffic(NOW - MINUTE, NOW, usual))
    expect(mining.evidence(NOW - MINUTE, NOW, none)).toEqual([])
  })

  it('counts exceptions of log records and of events of spans by type', () => {
    const { mining, take, takeSpans } = miningOf()
    take(traffic(START, NOW, usual))
    const resource = { 'service.name': 'cart' }
    take(
      Array.from({ length: 30 }, (_, i) => ({
        resource,
        timeMs: NOW - MINUTE + i * 2000,
        severity: 17,
        body: 'cart is gone',
        exceptionType: 'CartError',
      })),
    )
    takeSpans(
      Array.from({ length: 30 }, (_, i) => ({
        resource,
        traceId: '1'.repeat(32),
        spanId: (i + 1).toString(16).padStart(16, '0'),
        name: 'get',
        kind: 2,
        startMs: NOW - MINUTE + i * 2000,
        durationMs: 1,
        events: [
          {
            timeMs: NOW - MINUTE + i * 2000,
            name: 'exception',
            attributes: {
              'exception.type': 'java.io.Refused',
              'exception.message': `no route to 10.0.0.${i}`,
            },
          },
        ],
      })),
      NOW,
    )
    const found = mining.evidence(NOW - MINUTE, NOW, none)
    const exceptions = found.filter(({ what }) => what === 'exception')
    expect(exceptions.map(({ subject }) => subject).sort()).toEqual(['CartError', 'java.io.Refused'])
    expect(exceptions.find(({ subject }) => subject === 'java.io.Refused')?.example).toBe(
      'no route to 10.0.0.0',
    )
    expect(found.some(({ subject }) => subject === 'no route to <*>')).toBe(true)
  })
})

it('records that come in another order within a request give the same transitions', () => {
  const [one, other] = [miningOf(), miningOf()]
  const logs = traffic(START, START + MINUTE, usual)
  one.take(logs)
  other.take(logs.toReversed())
  const changed = traffic(START + MINUTE, START + 2 * MINUTE, (n) => [`begin cart ${n}`, 'end of cart'])
  one.take(changed)
  other.take(changed.toReversed())
  const subjects = ({ mining }: typeof one) =>
    mining.evidence(START + MINUTE, START + 2 * MINUTE, none).map(({ subject }) => subject)
  expect(subjects(one)).toEqual(subjects(other))
  expect(subjects(one)).toContain('begin cart <*> → end of cart')
})

describe('a mining that is short of memory', () => {
  it('gives up the examples of templates, keeps none, and counts them', () => {
    const { mining, take } = miningOf()
    take(bodies('order 17 placed'))
    expect(mining.templates('cart').map(({ example }) => example)).toEqual(['order 17 placed'])
    mining.examples.shed(true)
    take(bodies('card 4711 refused'))
    expect(mining.templates('cart').map(({ example }) => example)).toEqual([
      'order <*> placed',
      'card <*> refused',
    ])
    expect(mining.examples.dropped).toBe(2)
    mining.examples.shed(false)
    take(bodies('parcel 3 sent'))
    expect(mining.templates('cart').map(({ example }) => example)).toContain('parcel 3 sent')
    expect(mining.examples.dropped).toBe(2)
  })
})
