import { describe, expect, test } from 'vitest'
import { sampleCause, sampleRanking } from '../rootcause/sample.test-data.ts'
import { sampleAnomaly as anomaly } from './sample.test-data.ts'
import { trackerHarness } from './tracker-harness.test-data.ts'

describe('ranking', () => {
  test('on opening, two seconds later, and then only with new evidence and not too often', () => {
    const h = trackerHarness()
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
    const h = trackerHarness()
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
    const h = trackerHarness()
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
    const h = trackerHarness({ openAfter: 1 })
    h.see(anomaly('payment', 1, { score: 0.85 }))
    h.see(anomaly('search', 1, { score: 0.95 }))
    expect(h.tracker.symptoms().map(({ service, strength }) => [service, strength])).toEqual([
      ['search', 0.95],
      ['payment', 0.85],
    ])
  })

  test('many incidents at once share a budget; each gets its turn', () => {
    const h = trackerHarness({ ranksPerTick: 2 })
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
    const h = trackerHarness()
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
