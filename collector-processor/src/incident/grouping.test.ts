import { describe, expect, test } from 'vitest'
import { sampleCause, sampleRanking } from '../rootcause/sample.test-data.ts'
import { sampleAnomaly as anomaly } from './sample.test-data.ts'
import { trackerHarness } from './tracker-harness.test-data.ts'

describe('belonging together', () => {
  test('services that call each other share an incident, others do not', () => {
    const h = trackerHarness()
    h.edges.push(['checkout', 'payment'])
    h.trouble('payment', 1, 2)
    expect(h.trouble('checkout', 3, 4)).toEqual([null, 'i1'])
    expect(h.trouble('search', 3, 4)).toEqual([null, 'i2'])
    expect(h.tracker.open().map(({ services }) => services)).toEqual([['checkout', 'payment'], ['search']])
  })

  test('another instance of the same service joins', () => {
    const h = trackerHarness()
    h.trouble('payment', 1, 2)
    const second = { id: 'payment/2', kind: 'service', service: 'payment' } as const
    h.see(anomaly('payment', 3, { entity: second }))
    expect(h.see(anomaly('payment', 4, { entity: second }))).toBe('i1')
  })

  test('a namespace makes another service', () => {
    const h = trackerHarness()
    h.trouble('payment', 1, 2)
    const entity = { id: 'b/payment/1', kind: 'service', service: 'payment', namespace: 'b' } as const
    h.see(anomaly('', 3, { entity }))
    expect(h.see(anomaly('', 4, { entity }))).toBe('i2')
    expect(h.tracker.open()[1]?.services).toEqual(['b/payment'])
  })

  test('a service between two incidents merges them: the older survives', () => {
    const h = trackerHarness()
    h.trouble('payment', 1, 2)
    h.trouble('frontend', 3, 4, 5)
    h.edges.push(['frontend', 'gateway'], ['gateway', 'checkout'], ['checkout', 'payment'])
    expect(h.trouble('checkout', 5, 6)).toEqual([null, 'i1'])
    expect(h.tracker.openCount).toBe(2)
    h.at(8)
    h.at(10)
    expect(h.kinds()).toContain('merged i2')
    expect(h.events.find(({ kind }) => kind === 'merged')?.incident).toMatchObject({
      id: 'i2',
      state: 'merged',
      merged_into: 'i1',
    })
    expect(h.tracker.open()).toMatchObject([
      { id: 'i1', anomaly_count: 7, services: ['checkout', 'frontend', 'payment'] },
    ])
    expect(h.moments).toContainEqual({
      atMs: 8000,
      kind: 'merged',
      incident: 'i1',
      subject: 'i2',
      text: 'incident i2 has the same cause: it goes on here',
    })
    expect(h.trouble('frontend', 11)).toEqual(['i1'])
  })

  test('incidents merge when the graph learns that one explains the other, and stay merged', () => {
    const h = trackerHarness()
    h.trouble('payment', 1, 2)
    h.trouble('checkout', 1, 2)
    h.at(3)
    expect(h.tracker.openCount).toBe(2)
    h.edges.push(['checkout', 'payment'])
    h.at(5)
    expect(h.tracker.openCount).toBe(2)
    h.at(7)
    expect(h.tracker.open()).toMatchObject([
      { id: 'i1', services: ['checkout', 'payment'], anomaly_count: 4 },
    ])
    const before = h.events.length
    h.at(11)
    h.at(20)
    expect(h.events.slice(before).filter(({ kind }) => kind === 'merged')).toEqual([])
  })

  test('two that both call a healthy third have nothing in common', () => {
    const h = trackerHarness()
    h.edges.push(['cart', 'stock'], ['ads', 'stock'])
    h.trouble('cart', 1, 2)
    expect(h.trouble('ads', 3, 4)).toEqual([null, 'i2'])
  })

  test('what suffers from two causes joins one of them and merges nothing', () => {
    const h = trackerHarness({ openAfter: 1 })
    h.edges.push(['frontend', 'cart'], ['frontend', 'ads'])
    h.rankWith((request) =>
      sampleRanking(new Date(request.nowMs).toISOString(), [
        sampleCause('ads', 0.5),
        sampleCause('cart', 0.4),
      ]),
    )
    h.trouble('cart', 1)
    h.trouble('ads', 1)
    h.trouble('frontend', 2)
    for (let second = 3; second < 30; second++) h.at(second)
    expect(h.tracker.open().map(({ services }) => services)).toEqual([['cart'], ['ads', 'frontend']])
  })

  test('the order within a step does not matter', () => {
    const groups = [
      ['frontend', 'cart', 'ads'],
      ['ads', 'frontend', 'cart'],
      ['cart', 'ads', 'frontend'],
    ].map((order) => {
      const h = trackerHarness({ openAfter: 1 })
      h.edges.push(['frontend', 'cart'], ['frontend', 'ads'])
      for (const service of order) h.only(service, 1)
      h.at(1)
      return h.tracker
        .open()
        .map(({ services }) => services.join())
        .sort()
    })
    expect(groups).toEqual([groups[0], groups[0], groups[0]])
    expect(groups[0]).toEqual(['ads,frontend', 'cart'])
  })

  test('one that turns out to hold two causes splits, and its anomalies go along', () => {
    const h = trackerHarness({ openAfter: 1 })
    h.edges.push(
      ['frontend', 'cart'],
      ['frontend', 'ads'],
      ['cart', 'database:shop'],
      ['ads', 'database:shop'],
    )
    h.rankWith(({ nowMs }) =>
      sampleRanking(new Date(nowMs).toISOString(), [sampleCause('database:shop', 0.9)]),
    )
    h.only('frontend', 1)
    h.only('cart', 1)
    h.only('ads', 1)
    h.at(1)
    expect(h.tracker.open()).toMatchObject([{ services: ['ads', 'cart', 'frontend'] }])
    h.rankWith(({ nowMs }) =>
      sampleRanking(new Date(nowMs).toISOString(), [sampleCause('cart', 0.5), sampleCause('ads', 0.4)]),
    )
    h.at(3)
    expect(h.tracker.openCount).toBe(1)
    h.at(5)
    expect(h.tracker.open()).toMatchObject([
      { id: 'i1', services: ['cart', 'frontend'], anomaly_count: 2 },
      { id: 'i2', services: ['ads'], anomaly_count: 1 },
    ])
    expect(h.joined.at(-1)?.[0]).toBe('i2')
    expect(h.moments.filter(({ kind }) => kind === 'split').map(({ incident }) => incident)).toEqual([
      'i1',
      'i2',
    ])
    expect(h.trouble('ads', 6)).toEqual(['i2'])
  })

  test('long after its opening an incident does not split', () => {
    const h = trackerHarness({ openAfter: 1, rankWindowMs: 10_000 })
    h.edges.push(['cart', 'database:shop'], ['ads', 'database:shop'])
    h.rankWith(({ nowMs }) =>
      sampleRanking(new Date(nowMs).toISOString(), [sampleCause('database:shop', 0.9)]),
    )
    h.only('cart', 1)
    h.only('ads', 1)
    h.at(1)
    h.at(12)
    h.rankWith(({ nowMs }) => sampleRanking(new Date(nowMs).toISOString()))
    for (let second = 13; second < 40; second++) h.trouble('cart', second)
    expect(h.tracker.openCount).toBe(1)
  })

  test('a service that only gets less traffic belongs to who calls it, whoever else does', () => {
    const h = trackerHarness({ openAfter: 1 })
    h.edges.push(['cart', 'stock'], ['ads', 'stock'])
    h.trouble('cart', 1)
    h.trouble('ads', 1)
    const less = anomaly('stock', 2, { feature: 'request_rate' })
    expect(h.see(less)).toMatch(/^i[12]$/)
    for (let second = 3; second < 20; second++) h.at(second)
    expect(h.tracker.openCount).toBe(2)
  })

  test('the cause may show nothing itself', () => {
    const h = trackerHarness({ openAfter: 1 })
    h.edges.push(['cart', 'stock'], ['ads', 'stock'])
    h.rankWith(({ nowMs }) => sampleRanking(new Date(nowMs).toISOString(), [sampleCause('stock', 0.9)]))
    h.trouble('cart', 1)
    expect(h.trouble('ads', 2)).toEqual(['i1'])
  })

  test('one fault that thirty services see is one incident, whoever is seen first', () => {
    for (const first of [0, 7, 29]) {
      const h = trackerHarness({ openAfter: 1 })
      const services = Array.from({ length: 30 }, (_, i) => `s${i}`)
      // A tree of callers with the cause below its leaves.
      for (let i = 1; i < 30; i++) h.edges.push([`s${Math.floor((i - 1) / 2)}`, `s${i}`])
      for (let i = 15; i < 30; i++) h.edges.push([`s${i}`, 'cause'])
      h.edges.push(['s14', 'cause'])
      h.rankWith(({ nowMs }) =>
        sampleRanking(new Date(nowMs).toISOString(), [sampleCause('cause', 0.6), sampleCause('s3', 0.2)]),
      )
      for (let i = 0; i < 30; i++) h.trouble(services[(first + i) % 30] ?? '', 1 + i / 10)
      for (let second = 5; second < 20; second++) h.at(second)
      expect(h.tracker.open()).toMatchObject([{ anomaly_count: 30 }])
    }
  })

  test('symptoms of a host are told to the ranking, with the hosts that the cause may run on', () => {
    const h = trackerHarness({ openAfter: 1 })
    const entity = { id: 'node-1', kind: 'host', host: 'node-1' } as const
    h.see(anomaly('', 1, { entity, stream: 'host', feature: 'cpu_usage_percent' }))
    expect(h.ranked[0]?.scope).toMatchObject({ services: [], hosts: ['node-1'] })
    expect(h.ranked[0]?.symptoms).toMatchObject([
      { host: 'node-1', service: undefined, feature: 'cpu_usage_percent' },
    ])
  })

  test('what other incidents account for is no cause of this one', () => {
    const h = trackerHarness({ openAfter: 1 })
    h.edges.push(['frontend', 'cart'], ['frontend', 'ads'])
    for (const service of ['frontend', 'cart', 'ads']) h.only(service, 1)
    h.at(1)
    const scopes = h.ranked.map(({ scope }) => [scope?.services, [...(scope?.elsewhere ?? [])]])
    expect(scopes).toEqual([
      [['ads', 'frontend'], ['cart']],
      [['cart'], ['ads', 'frontend']],
    ])
    expect(h.ranked.map(({ scope }) => [scope?.root, scope?.rivals])).toEqual([
      ['ads', ['cart']],
      ['cart', ['ads']],
    ])
  })

  test('a flapping service goes on in its incident', () => {
    const h = trackerHarness()
    h.edges.push(['checkout', 'payment'])
    for (let second = 1; second < 300; second += 20) {
      h.trouble('payment', second, second + 1)
      h.trouble('checkout', second + 2, second + 3)
      h.tracker.clear('service', 'payment/1')
      h.tracker.clear('service', 'checkout/1')
      h.at(second + 10)
    }
    expect(h.kinds().filter((kind) => !kind.startsWith('updated'))).toEqual(['opened i1'])
  })

  test('many incidents at once do not search the graph without end, and merge all the same', () => {
    const h = trackerHarness({ maxOpen: 100, openAfter: 1 })
    const services = Array.from({ length: 60 }, (_, i) => `s${i}`)
    for (const service of services) h.only(service, 1)
    h.at(1)
    expect(h.asked()).toEqual({ everything: 1, searches: 2 })
    expect(h.ranked).toHaveLength(3)
    expect(h.tracker.openCount).toBe(60)
    for (const [i, service] of services.slice(1).entries()) h.edges.push([services[i] ?? '', service])
    for (let second = 2; second < 40; second++) {
      const before = h.asked()
      h.at(second)
      expect(h.asked().searches - before.searches).toBeLessThanOrEqual(2)
      expect(h.asked().everything - before.everything).toBeLessThanOrEqual(1)
    }
    expect(h.tracker.open()).toMatchObject([{ anomaly_count: 60 }])
  })

  test('a host joins the incident of the services that run on it, and stands alone otherwise', () => {
    const h = trackerHarness()
    const on = (host: string) => ({ id: 'payment/1', kind: 'service', service: 'payment', host }) as const
    const host = (name: string) => ({ id: name, kind: 'host', host: name }) as const
    for (const at of [1, 2]) h.see(anomaly('', at, { entity: on('node-1') }))
    const seen = ['node-1', 'node-2'].map((name) =>
      [3, 4].map((at) => h.see(anomaly('', at, { entity: host(name), stream: 'host' }))),
    )
    expect(seen).toEqual([
      [null, 'i1'],
      [null, 'i2'],
    ])
    expect(h.tracker.open().map(({ services }) => services)).toEqual([['payment'], []])
    const later = { id: 'cart/1', kind: 'service', service: 'cart', host: 'node-2' } as const
    for (const at of [5, 6]) h.see(anomaly('', at, { entity: later }))
    expect(h.tracker.open().map(({ services }) => services)).toEqual([['payment'], ['cart']])
  })

  test('two services on one healthy host have nothing in common', () => {
    const h = trackerHarness()
    for (const service of ['a', 'b']) {
      const entity = { id: service, kind: 'service', service, host: 'node-1' } as const
      for (const at of [1, 2]) h.see(anomaly('', at, { entity }))
    }
    expect(h.tracker.openCount).toBe(2)
  })

  test('trouble that does not overlap in event time stays apart', () => {
    const h = trackerHarness()
    h.edges.push(['checkout', 'payment'])
    h.trouble('payment', 1000, 1001)
    expect(h.trouble('checkout', 5, 6)).toEqual([null, 'i2'])
  })
})
