import { expect, it } from 'vitest'
import { Calls } from './calls.ts'
import { feltBy } from './felt.ts'
import { call, evidence, service } from './quiet.test-data.ts'
import { unexplainedFindings } from './unexplained.ts'

const slow = { latencyMs: 120 }
const shop = evidence(
  [
    service('web', slow),
    service('cart', slow),
    service('stock', slow),
    service('ads'),
    service('images', slow),
  ],
  [call('web', 'cart'), call('cart', 'stock'), call('web', 'ads'), call('ads', 'images')],
)
const found = unexplainedFindings(shop, new Calls(shop))

it('keeps what reaches a symptom over services that are slower too', () => {
  expect(found.map((one) => one.service)).toEqual(['stock', 'images'])
  expect(feltBy(new Set(['web']), found, shop, new Calls(shop)).map((one) => one.service)).toEqual(['stock'])
})

it('keeps what is found on the symptom itself', () => {
  expect(feltBy(new Set(['images']), found, shop, new Calls(shop)).map((one) => one.service)).toEqual([
    'images',
  ])
})

it('keeps findings that say nothing of their effect', () => {
  const bare = found.map((one) => ({ ...one, effect: undefined }))
  expect(feltBy(new Set(['web']), bare, shop, new Calls(shop))).toEqual(bare)
})
