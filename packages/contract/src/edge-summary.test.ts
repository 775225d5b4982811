import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EdgeSummary } from './edge-summary.ts'

const text = readFileSync(new URL('./golden/kafka/edge-summary.json', import.meta.url), 'utf8')

test('the golden example is what the schema says, and nothing is lost on the way through it', () => {
  const example: unknown = JSON.parse(text)
  expect(EdgeSummary.parse(example)).toEqual(example)
})

test.each([
  ['"version": 1', '"version": 2'],
  ['"offset": 18230', '"offset": -1'],
  ['"connection": "call"', '"connection": "walk"'],
  ['[[8, 1]]', '[[-8, 1]]'],
  ['"0af7651916cd43dd8448eb211c80319c"', '"0af7"'],
  ['"part": 0,', '"part": 0, "more": 1,'],
])('a change of %s to %s is refused', (from, to) => {
  expect(text).toContain(from)
  expect(EdgeSummary.safeParse(JSON.parse(text.replace(from, to))).success).toBe(false)
})
