import { expect, test } from 'vitest'
import { reachOf } from './reach.ts'

const edges = [
  'user>shop',
  'shop>cart',
  'shop>checkout',
  'checkout>payment',
  'payment>checkout',
  'cart>db',
].map((call) => {
  const [client = '', server = ''] = call.split('>')
  return { client, server }
})

test('upstream and downstream, but not what merely shares a caller', () => {
  expect([...reachOf(edges, 'checkout')].sort()).toEqual(['checkout', 'payment', 'shop', 'user'])
  expect([...reachOf(edges, 'cart')].sort()).toEqual(['cart', 'db', 'shop', 'user'])
})

test('a node without calls is alone', () => {
  expect([...reachOf(edges, 'lonely')]).toEqual(['lonely'])
})
