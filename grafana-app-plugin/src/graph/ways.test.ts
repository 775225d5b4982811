import { expect, test } from 'vitest'
import { goesBelow, twoWay } from './ways.ts'

const edge = (client: string, server: string) => ({ client, server })

test.each([
  ['to the right', { x: 0, y: 0 }, { x: 200, y: 50 }, false],
  ['to the left', { x: 200, y: 50 }, { x: 0, y: 0 }, true],
  ['down', { x: 0, y: 0 }, { x: 0, y: 90 }, false],
  ['up', { x: 0, y: 90 }, { x: 0, y: 0 }, true],
])('an edge %s', (_, from, to, expected) => {
  expect(goesBelow(edge('a', 'b'), from, to)).toBe(expected)
})

test('two edges of a pair never take the same way', () => {
  const places = [
    { x: 0, y: 0 },
    { x: 200, y: 0 },
    { x: 0, y: 90 },
  ]
  for (const from of places)
    for (const to of places)
      expect(goesBelow(edge('a', 'b'), from, to)).not.toBe(goesBelow(edge('b', 'a'), to, from))
})

test('pairs that call each other', () => {
  const both = twoWay([edge('a', 'b'), edge('b', 'c'), edge('b', 'a'), edge('c', 'c')])
  expect([...both].sort()).toEqual(['["a","b"]', '["b","a"]'])
})
