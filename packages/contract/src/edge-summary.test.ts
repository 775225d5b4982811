import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EdgeSummary } from './edge-summary.ts'

const golden = (name: string) => readFileSync(new URL(`./golden/kafka/${name}.json`, import.meta.url), 'utf8')
const text = golden('edge-summary')
const logs = golden('edge-summary-logs')

// The first is as members wrote it that knew no logs.
test.each([text, logs])(
  'a golden example is what the schema says, and nothing is lost on the way',
  (each) => {
    const example: unknown = JSON.parse(each)
    expect(EdgeSummary.parse(example)).toEqual(example)
  },
)

test('what a later version adds to a step and to a service is passed over', () => {
  const later = logs
    .replace('"part": 0,', '"part": 0, "more": 1,')
    .replace('"dialects": [],', '"dialects": [], "also": {},')
  expect(later.length).toBe(logs.length + '"more": 1,"also": {},'.length + 2)
  expect(EdgeSummary.parse(JSON.parse(later))).toEqual(JSON.parse(logs))
})

test.each([
  ['"id": 4211389126023177,', '"id": 0,'],
  ['"words": [1790203127, 0],', '"words": [],'],
  ['"words": [1790203127, 0],', '"words": [1790203127],'],
  ['[[1772334720000, 3, 3]]', '[[1772334720000, -3, 3]]'],
  ['"type": "PaymentError",', '"type": 7,'],
  ['"errors": 1,', '"errors": 1, "more": 1,'],
])('a change of %s to %s is refused in logs', (from, to) => {
  expect(logs).toContain(from)
  expect(EdgeSummary.safeParse(JSON.parse(logs.replace(from, to))).success).toBe(false)
})

test.each([
  ['"version": 1', '"version": 2'],
  ['"offset": 18230', '"offset": -1'],
  ['"connection": "call"', '"connection": "walk"'],
  ['[[8, 1]]', '[[-8, 1]]'],
  ['"0af7651916cd43dd8448eb211c80319c"', '"0af7"'],
])('a change of %s to %s is refused', (from, to) => {
  expect(text).toContain(from)
  expect(EdgeSummary.safeParse(JSON.parse(text.replace(from, to))).success).toBe(false)
})
