import { describe, expect, it } from 'vitest'
import { Calls } from './calls.ts'
import type { EvidenceWindow } from './evidence.ts'
import { call, evidence, service } from './quiet.test-data.ts'
import { unexplainedFindings as findingsOf } from './unexplained.ts'

const unexplainedFindings = (shop: EvidenceWindow) => findingsOf(shop, new Calls(shop))

describe('services known from metrics alone', () => {
  it('charges waiting to the service that its callees do not explain', () => {
    const found = unexplainedFindings(
      evidence(
        [service('web', { latencyMs: 120 }), service('cart', { latencyMs: 120 }), service('ads')],
        [call('web', 'cart'), call('web', 'ads')],
      ),
    )
    expect(found).toMatchObject([
      {
        service: 'cart',
        kind: 'exclusive_time',
        effect: { currency: 'time', amount: 49_950 },
        text: 'time of a request is 120 ms, normally 20.1 ms',
      },
    ])
  })

  it('leaves each its own part when both are slower', () => {
    const found = unexplainedFindings(
      evidence(
        [service('web', { latencyMs: 120 }), service('cart', { latencyMs: 60 })],
        [call('web', 'cart')],
      ),
    )
    expect(found.map(({ service, effect }) => [service, effect?.amount])).toEqual([
      ['web', 30_000],
      ['cart', 19_950],
    ])
  })

  it('does the same with failures', () => {
    const found = unexplainedFindings(
      evidence([service('web', { failed: 0.4 }), service('cart', { failed: 0.4 })], [call('web', 'cart')]),
    )
    expect(found).toMatchObject([{ service: 'cart', kind: 'error_origin', unit: '%', value: 40 }])
  })

  it.each([
    ['a cycle', [call('web', 'cart'), call('cart', 'web')]],
    ['a service that calls itself', [call('web', 'cart'), call('cart', 'cart')]],
  ])('ends in %s', (_, edges) => {
    const found = unexplainedFindings(evidence([service('web'), service('cart', { latencyMs: 120 })], edges))
    expect(found.map(({ service }) => service)).toEqual(['cart'])
  })

  it('finds nothing when nothing is wrong', () => {
    expect(unexplainedFindings(evidence([service('web'), service('cart')], [call('web', 'cart')]))).toEqual(
      [],
    )
  })
})
