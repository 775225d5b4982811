import { expect, test } from 'vitest'
import { namesOf, shortId, shortName } from './names.ts'

test.each([
  ['shop/payment', 'payment'],
  ['payment', 'payment'],
  ['database:postgres', 'postgres'],
  ['messaging:shop/queue', 'shop/queue'],
  ['shop/', 'shop/'],
  ['a/<script>alert(1)</script>', 'script>'],
  ['', ''],
])('%j is called %j', (id, name) => {
  expect(shortName(id)).toBe(name)
})

test('two of the same short name keep their whole ids', () => {
  expect([...namesOf(['shop/payment', 'bank/payment', 'shop/cart', 'shop/cart'])]).toEqual([
    ['shop/payment', 'shop/payment'],
    ['bank/payment', 'bank/payment'],
    ['shop/cart', 'cart'],
  ])
})

test('ids made in the same second are told apart', () => {
  expect(shortId('019c9a3e-7d2a-7000-8000-000000000001')).toBe('0001')
})
