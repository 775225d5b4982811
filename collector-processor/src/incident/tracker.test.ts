import type { Anomaly, Incident, Ranking } from '@adf/contract'
import { describe, expect, test } from 'vitest'
import { sampleCause, sampleRanking } from '../rootcause/sample.test-data.ts'
import type { Moment } from './moment.ts'
import type { IncidentChange, IncidentOptions, RankRequest } from './ports.ts'
import { sampleAnomaly as anomaly } from './sample.test-data.ts'
import { IncidentTracker } from './tracker.ts'

const options: IncidentOptions = {
  openAfter: 2,
  resolveAfterMs: 120_000,
  rankWindowMs: 60_000,
  maxOpen: 10,
  maxAnomalies: 1000,
}

function harness(more: Partial<IncidentOptions> = {}) {
  /** Caller and callee. */
  const edges: [string, string][] = []
  const moments: (Moment & { incident: string })[] = []
  const places = new Map<string, string>()
  let everything = 0
  let searches = 0
  const events: { kind: IncidentChange; incident: Incident }[] = []
  const ranked: RankRequest[] = []
  const joined: [string, readonly string[]][] = []
  const left: string[] = []
  const failures: unknown[] = []
  const clock = { now: 0 }
  let ids = 0
  let ranking = (request: RankRequest): Ranking =>
    sampleRanking(
      new Date(request.nowMs).toISOString(),
      request.scope === undefined ? [] : [sampleCause(request.scope.services[0] ?? '', 0.8)],
    )
  const tracker = new IncidentTracker(
    { ...options, ...more },
    {
      callers: (services) => {
        searches++
        const of = (service: string) =>
          edges.flatMap(([client, server]) => (server === service ? client : []))
        return new Map(Array.from(services, (service) => [service, of(service)]))
      },
      blastRadius: (services) => services.map((service) => `caller of ${service}`),
      exemplars: () => ['t1'],
      rank: (request) => {
        if (request.scope === undefined) everything++
        else ranked.push(request)
        return ranking(request)
      },
      newId: () => `i${++ids}`,
      changed: (incident, kind) => events.push({ kind, incident }),
      joined: (id, anomalies) => {
        joined.push([id, anomalies])
        for (const one of anomalies) places.set(one, id)
      },
      happened: (incident, moment) => moments.push({ ...moment, incident }),
      left: (reason) => left.push(reason),
      failed: (error) => failures.push(error),
    },
    () => clock.now,
  )
  const see = (seen: Anomaly) => {
    clock.now = Math.max(clock.now, Date.parse(seen.time))
    const incident = tracker.observe(seen)
    tracker.tick()
    return incident ?? places.get(seen.id) ?? null
  }
  return {
    tracker,
    edges,
    events,
    ranked,
    joined,
    left,
    failures,
    moments,
    /** Rankings of everything, and searches of the graph. */
    asked: () => ({ everything, searches }),
    /** Anomalies of the service in each of the seconds, and a tick after each; where each of them is after its tick. */
    trouble(service: string, ...seconds: number[]) {
      return seconds.map((second) => see(anomaly(service, second)))
    },
    see,
    /** The same without ticks. */
    only(service: string, ...seconds: number[]) {
      for (const second of seconds) {
        clock.now = Math.max(clock.now, second * 1000)
        tracker.observe(anomaly(service, second))
      }
    },
    at(second: number) {
      clock.now = second * 1000
      tracker.tick()
    },
    rankWith(next: (request: RankRequest) => Ranking) {
      ranking = next
    },
    kinds: () => events.map(({ kind, incident }) => `${kind} ${incident.id}`),
    last: () => events.at(-1)?.incident,
  }
}

describe('opening', () => {
  test('takes anomalous vectors in a row, and the whole run joins', () => {
    const { see, joined, events } = harness()
    const first = anomaly('payment', 1)
    const second = anomaly('payment', 2)
    expect(see(first)).toBeNull()
    expect(see(second)).toBe('i1')
    expect(joined).toEqual([['i1', [first.id, second.id]]])

    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      kind: 'opened',
      incident: {
        state: 'open',
        anomaly_count: 2,
        services: ['payment'],
        blast_radius: ['caller of payment'],
      },
    })
    expect(events[0]?.incident.started_at).toBe('1970-01-01T00:00:01.000Z')
  })

  test('a normal vector between them starts the count again', () => {
    const { tracker, trouble, events } = harness()
    trouble('payment', 1)
    tracker.clear('service', 'payment/1')
    expect(trouble('payment', 2)).toEqual([null])
    expect(events).toEqual([])
    expect(trouble('payment', 3)).toEqual(['i1'])
  })

  test('a normal vector of the same entity in another stream does not', () => {
    const { tracker, trouble } = harness()
    trouble('payment', 1)
    tracker.clear('host', 'payment/1')
    expect(trouble('payment', 2)).toEqual(['i1'])
  })

  test('an entity that fell silent in between does not have its vectors in a row', () => {
    const { trouble } = harness()
    expect(trouble('payment', 1, 200, 201)).toEqual([null, null, 'i1'])
  })

  test('with open_after 1 the first anomaly opens', () => {
    expect(harness({ openAfter: 1 }).trouble('payment', 1)).toEqual(['i1'])
  })

  test('is refused past max_open, is counted, and succeeds once there is room', () => {
    const h = harness({ maxOpen: 1 })
    h.trouble('a', 1, 2)
    expect(h.trouble('b', 3, 4)).toEqual([null, null])
    expect(h.left).toEqual(['too_many_open'])
    h.at(122)
    expect(h.trouble('b', 123)).toEqual(['i2'])
  })
})

describe('belonging together', () => {
  test('services that call each other share an incident, others do not', () => {
    const h = harness()
    h.edges.push(['checkout', 'payment'])
    h.trouble('payment', 1, 2)
    expect(h.trouble('checkout', 3, 4)).toEqual([null, 'i1'])
    expect(h.trouble('search', 3, 4)).toEqual([null, 'i2'])
    expect(h.tracker.open().map(({ services }) => services)).toEqual([['checkout', 'payment'], ['search']])
  })

  test('another instance of the same service joins', () => {
    const h = harness()
    h.trouble('payment', 1, 2)
    const second = { id: 'payment/2', kind: 'service', service: 'payment' } as const
    h.see(anomaly('payment', 3, { entity: second }))
    expect(h.see(anomaly('payment', 4, { entity: second }))).toBe('i1')
  })

  test('a namespace makes another service', () => {
    const h = harness()
    h.trouble('payment', 1, 2)
    const entity = { id: 'b/payment/1', kind: 'service', service: 'payment', namespace: 'b' } as const
    h.see(anomaly('', 3, { entity }))
    expect(h.see(anomaly('', 4, { entity }))).toBe('i2')
    expect(h.tracker.open()[1]?.services).toEqual(['b/payment'])
  })

  test('a service between two incidents merges them: the older survives', () => {
    const h = harness()
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
    const h = harness()
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
    const h = harness()
    h.edges.push(['cart', 'stock'], ['ads', 'stock'])
    h.trouble('cart', 1, 2)
    expect(h.trouble('ads', 3, 4)).toEqual([null, 'i2'])
  })

  test('what suffers from two causes joins one of them and merges nothing', () => {
    const h = harness({ openAfter: 1 })
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
      const h = harness({ openAfter: 1 })
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
    const h = harness({ openAfter: 1 })
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
    const h = harness({ openAfter: 1, rankWindowMs: 10_000 })
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
    const h = harness({ openAfter: 1 })
    h.edges.push(['cart', 'stock'], ['ads', 'stock'])
    h.trouble('cart', 1)
    h.trouble('ads', 1)
    const less = anomaly('stock', 2, { feature: 'request_rate' })
    expect(h.see(less)).toMatch(/^i[12]$/)
    for (let second = 3; second < 20; second++) h.at(second)
    expect(h.tracker.openCount).toBe(2)
  })

  test('the cause may show nothing itself', () => {
    const h = harness({ openAfter: 1 })
    h.edges.push(['cart', 'stock'], ['ads', 'stock'])
    h.rankWith(({ nowMs }) => sampleRanking(new Date(nowMs).toISOString(), [sampleCause('stock', 0.9)]))
    h.trouble('cart', 1)
    expect(h.trouble('ads', 2)).toEqual(['i1'])
  })

  test('one fault that thirty services see is one incident, whoever is seen first', () => {
    for (const first of [0, 7, 29]) {
      const h = harness({ openAfter: 1 })
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
    const h = harness({ openAfter: 1 })
    const entity = { id: 'node-1', kind: 'host', host: 'node-1' } as const
    h.see(anomaly('', 1, { entity, stream: 'host', feature: 'cpu_usage_percent' }))
    expect(h.ranked[0]?.scope).toMatchObject({ services: [], hosts: ['node-1'] })
    expect(h.ranked[0]?.symptoms).toMatchObject([
      { host: 'node-1', service: undefined, feature: 'cpu_usage_percent' },
    ])
  })

  test('what other incidents account for is no cause of this one', () => {
    const h = harness({ openAfter: 1 })
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
    const h = harness()
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
    const h = harness({ maxOpen: 100, openAfter: 1 })
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
    const h = harness()
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
    const h = harness()
    for (const service of ['a', 'b']) {
      const entity = { id: service, kind: 'service', service, host: 'node-1' } as const
      for (const at of [1, 2]) h.see(anomaly('', at, { entity }))
    }
    expect(h.tracker.openCount).toBe(2)
  })

  test('trouble that does not overlap in event time stays apart', () => {
    const h = harness()
    h.edges.push(['checkout', 'payment'])
    h.trouble('payment', 1000, 1001)
    expect(h.trouble('checkout', 5, 6)).toEqual([null, 'i2'])
  })
})

describe('resolving', () => {
  test('comes after the quiet time, and is final', () => {
    const h = harness()
    h.trouble('payment', 1, 2)
    h.at(121)
    expect(h.tracker.openCount).toBe(1)
    h.at(122)
    expect(h.events.at(-1)).toMatchObject({ kind: 'resolved', incident: { id: 'i1', state: 'resolved' } })
    expect(h.last()?.resolved_at).toBe('1970-01-01T00:02:02.000Z')
    expect(h.trouble('payment', 123, 124)).toEqual([null, 'i2'])
  })

  test('frees its entities', () => {
    const h = harness()
    h.trouble('payment', 1)
    expect(h.tracker.holds('payment/1')).toBe(false)
    h.trouble('payment', 2)
    expect(h.tracker.holds('payment/1')).toBe(true)
    h.at(122)
    expect(h.tracker.holds('payment/1')).toBe(false)
  })

  test('each anomaly puts it off', () => {
    const h = harness()
    h.trouble('payment', 1, 2, 100)
    h.at(219)
    expect(h.tracker.openCount).toBe(1)
    h.at(220)
    expect(h.tracker.openCount).toBe(0)
  })
})

describe('ranking', () => {
  test('on opening, two seconds later, and then only with new evidence and not too often', () => {
    const h = harness()
    h.trouble('payment', 1, 2)
    expect(h.ranked).toHaveLength(1)
    expect(h.ranked[0]).toMatchObject({ scope: { services: ['payment'] }, sinceMs: 1000, nowMs: 2000 })
    expect(h.asked().everything).toBe(0)
    expect(h.ranked[0]?.symptoms).toEqual([
      {
        stream: 'service',
        service: 'payment',
        host: undefined,
        feature: 'latency_p95',
        value: 840,
        expected: 110,
        strength: 0.9,
        sinceMs: 1000,
      },
    ])
    h.at(3)
    expect(h.ranked).toHaveLength(1)
    h.at(4)
    expect(h.ranked).toHaveLength(2)
    h.at(20)
    expect(h.ranked).toHaveLength(2)
    h.see(anomaly('payment', 21, { score: 0.99 }))
    h.at(21)
    expect(h.ranked).toHaveLength(3)
    h.see(anomaly('payment', 22, { score: 1 }))
    h.at(22)
    expect(h.ranked).toHaveLength(3)
    h.at(26)
    expect(h.ranked).toHaveLength(4)
  })

  test('long after opening only a new service causes one', () => {
    const h = harness()
    h.edges.push(['checkout', 'payment'])
    h.trouble('payment', 1, 2)
    h.at(4)
    h.trouble('payment', ...Array.from({ length: 100 }, (_, i) => 5 + i))
    h.see(anomaly('payment', 105, { score: 1 }))
    h.at(105)
    expect(h.ranked).toHaveLength(2)
    h.trouble('checkout', 106, 107)
    h.at(108)
    expect(h.ranked).toHaveLength(3)
    expect(h.ranked[2]?.sinceMs).toBe(47_000)
  })

  test('a late ranking, which sees the end of the trouble alone, does not take the place of a more certain one', () => {
    const h = harness()
    h.edges.push(['checkout', 'payment'], ['cart', 'checkout'])
    const causesOf = () => h.last()?.causes.map(({ service, probability }) => [service, probability])
    const say = (service: string, probability: number) =>
      h.rankWith(({ nowMs }) =>
        sampleRanking(new Date(nowMs).toISOString(), [sampleCause(service, probability)]),
      )
    say('payment', 0.9)
    h.trouble('payment', 1, 2)
    say('payment', 0.7)
    h.at(4)
    expect(causesOf()).toEqual([['payment', 0.7]])
    h.trouble('payment', ...Array.from({ length: 100 }, (_, i) => 5 + i))
    say('checkout', 0.4)
    h.trouble('checkout', 106, 107)
    h.at(120)
    expect(h.ranked).toHaveLength(3)
    expect(causesOf()).toEqual([['payment', 0.7]])
    say('checkout', 0.8)
    h.trouble('cart', 121, 122)
    h.at(130)
    expect(causesOf()).toEqual([['checkout', 0.8]])
  })

  test('symptoms of all open incidents are told, strongest first', () => {
    const h = harness({ openAfter: 1 })
    h.see(anomaly('payment', 1, { score: 0.85 }))
    h.see(anomaly('search', 1, { score: 0.95 }))
    expect(h.tracker.symptoms().map(({ service, strength }) => [service, strength])).toEqual([
      ['search', 0.95],
      ['payment', 0.85],
    ])
  })

  test('many incidents at once share a budget; each gets its turn', () => {
    const h = harness({ ranksPerTick: 2 })
    for (const service of ['a', 'b', 'c', 'd', 'e', 'f']) h.only(service, 1, 2)
    h.at(2)
    // One of the two is of everything.
    expect(h.ranked.map(({ scope }) => scope?.services)).toEqual([['a']])
    expect(h.last()?.causes).toEqual([])
    for (const _ of h.ranked) h.at(3)
    h.at(3)
    h.at(3)
    expect(h.ranked.map(({ scope }) => scope?.services)).toEqual([['a'], ['b'], ['c'], ['d'], ['e'], ['f']])
  })

  test('a ranking that throws leaves the incident standing', () => {
    const h = harness()
    h.rankWith(() => {
      throw new Error('no graph')
    })
    expect(h.trouble('payment', 1, 2)).toEqual([null, 'i1'])
    expect(h.failures).toMatchObject([{ message: 'no graph' }])
    expect(h.last()).toMatchObject({
      causes: [],
      title: 'payment: latency_p95 is 840 ms, normally 95 to 130 ms',
    })
  })
})

describe('updates', () => {
  test('are told at most once a second, and only when something changed', () => {
    const h = harness()
    h.trouble('payment', 1, 2)
    h.at(4)
    h.at(5)
    h.only('payment', 5.1, 5.2, 5.3)
    h.at(5.4)
    h.at(6)
    h.at(7)
    expect(h.kinds()).toEqual(['opened i1', 'updated i1', 'updated i1'])
    expect(h.last()).toMatchObject({ anomaly_count: 5, updated_at: '1970-01-01T00:00:05.400Z' })
  })

  test('carry the verdict', () => {
    const h = harness()
    h.trouble('payment', 1, 2)
    h.tracker.judged('i1', 'true_positive')
    h.at(4)
    expect(h.last()?.verdict).toBe('true_positive')
  })

  test('past max_anomalies an incident only counts', () => {
    const h = harness({ maxAnomalies: 3 })
    expect(h.trouble('payment', 1, 2, 3, 4, 5)).toEqual([null, 'i1', 'i1', null, null])
    expect(h.left).toEqual(['incident_full', 'incident_full'])
    expect(h.tracker.open()).toMatchObject([{ anomaly_count: 5 }])
  })
})

test('an open incident goes on after a restart', () => {
  const before = harness()
  const anomalies = [anomaly('payment', 1), anomaly('payment', 2)]
  for (const a of anomalies) before.see(a)
  const stored = before.tracker.open()[0]
  if (stored === undefined) throw new Error('no incident')

  const h = harness()
  h.at(30)
  h.tracker.restore(stored, anomalies)
  expect(h.tracker.open()).toEqual([stored])
  expect(h.trouble('payment', 31)).toEqual(['i1'])
  h.at(32)
  expect(h.last()).toMatchObject({ id: 'i1', anomaly_count: 3, started_at: stored.started_at })
  h.at(151)
  expect(h.events.at(-1)).toMatchObject({ kind: 'resolved', incident: { id: 'i1' } })
})

test('what came to an incident after it was last stored counts after a restart', () => {
  const before = harness()
  const anomalies = [anomaly('payment', 1), anomaly('payment', 2), anomaly('payment', 2.5)]
  for (const a of anomalies.slice(0, 2)) before.see(a)
  const stored = before.tracker.open()[0]
  if (stored === undefined) throw new Error('no incident')

  const h = harness()
  h.at(30)
  h.tracker.restore(stored, anomalies)
  h.at(31)
  expect(h.last()).toMatchObject({ id: 'i1', anomaly_count: 3 })
  // The one that is found again is no other.
  h.see(anomalies.at(-1) ?? anomaly('payment', 2.5))
  h.at(33)
  expect(h.tracker.open()).toMatchObject([{ anomaly_count: 3 }])
})

test('what follows a run joins its incident, whether or not a tick came in between', () => {
  for (const ticks of [false, true]) {
    const h = harness()
    h.only('payment', 1, 2)
    if (ticks) h.at(2.1)
    const { stream, entity } = anomaly('payment', 2)
    h.tracker.clear(stream, entity.id)
    h.only('payment', 2.5)
    h.at(4)
    expect(h.tracker.open()).toMatchObject([{ anomaly_count: 3 }])
  }
})
