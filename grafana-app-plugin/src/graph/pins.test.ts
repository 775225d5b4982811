// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { keepPins, readPins } from './pins.ts'

beforeEach(() => localStorage.clear())

test('what was put somewhere is there again', () => {
  const pins = new Map([
    ['shop/cart', { x: 1, y: -2.5 }],
    ['<b>', { x: 0, y: 0 }],
  ])
  keepPins(localStorage, pins)
  expect(readPins(localStorage)).toEqual(pins)
  keepPins(localStorage, new Map())
  expect(localStorage).toHaveLength(0)
})

test.each([
  '',
  'null',
  '{"a":1}',
  '[["a"]]',
  '[["a",{"x":1}]]',
  '[["a",{"x":null,"y":2}]]',
  '[7]',
  'no json',
])('what is no pin is left out: %s', (kept) => {
  localStorage.setItem('adf-graph-pins', kept)
  expect(readPins(localStorage)).toEqual(new Map())
})

test('of too many the oldest go', () => {
  keepPins(localStorage, new Map(Array.from({ length: 600 }, (_, i) => [`s${i}`, { x: i, y: i }])))
  const kept = readPins(localStorage)
  expect([kept.size, kept.has('s99'), kept.has('s100')]).toEqual([500, false, true])
})

test('a storage that refuses is no fault', () => {
  const refuse = () => {
    throw new Error('refused')
  }
  const storage = { ...localStorage, getItem: refuse, setItem: refuse, removeItem: refuse } as Storage
  expect(readPins(storage)).toEqual(new Map())
  keepPins(storage, new Map([['a', { x: 1, y: 1 }]]))
})
