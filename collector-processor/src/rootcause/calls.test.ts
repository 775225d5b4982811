import { expect, it } from 'vitest'
import { Calls } from './calls.ts'
import { call, evidence, service } from './quiet.test-data.ts'

const nodes = ['web', 'cart', 'stock', 'user'].map((id) => service(id))
const quiet = {
  client: Uint32Array.of(0, 3, 1),
  server: Uint32Array.of(2, 0, 1),
  count: Float64Array.of(7, 9, 5),
  user: Uint8Array.of(0, 1, 0),
}
const calls = new Calls(evidence(nodes, [call('web', 'cart'), call('cart', 'stock')], { quiet }))

it('knows callers and callees over odd and quiet edges, without calls to oneself', () => {
  expect(calls.callersOf('stock')).toEqual(['cart', 'web'])
  expect(calls.calleesOf('web')).toEqual(['cart', 'stock'])
  expect(calls.callersOf('cart')).toEqual(['web'])
  expect(calls.callersOf('elsewhere')).toEqual([])
})

it('counts quiet edges that can witness', () => {
  expect(calls.quietTo('stock')).toBe(1)
  expect(calls.quietFrom('web')).toBe(1)
  expect(calls.quietTo('web')).toBe(0)
})

it('lets calls to oneself weigh nothing', () => {
  expect([...calls.columns().weight]).toEqual([500, 500, 7, 9, 0])
})
