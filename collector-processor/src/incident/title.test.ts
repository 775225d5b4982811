import { expect, test } from 'vitest'
import { sampleCause } from '../rootcause/sample.test-data.ts'
import { titleOf } from './title.ts'

const evidence = {
  kind: 'exclusive_time',
  value: 840,
  expected: 110,
  unit: 'ms',
  strength: 30,
  probability: 0.99,
  since: null,
  subject: 'POST /pay',
  text: 'exclusive time of POST /pay is 840 ms, normally 95 to 130 ms',
} as const
const cause = (service: string, probability: number) =>
  sampleCause(service, probability, { evidence: [evidence] })

test('names the probable cause and its strongest evidence', () => {
  expect(titleOf([cause('payment', 0.87), cause('cart', 0.09)], 0.04, ['payment'], 'x')).toBe(
    'payment is the probable cause (87 %): exclusive time of POST /pay is 840 ms, normally 95 to 130 ms',
  )
})

test('a smaller share is enough when the next is far behind', () => {
  expect(titleOf([cause('payment', 0.3), cause('cart', 0.1)], null, [], 'x')).toMatch(
    /^payment is the probable cause \(30 %\)/,
  )
})

test('says so when no single cause stands out', () => {
  const causes = [
    cause('payment', 0.4),
    cause('database:postgres', 0.35),
    cause('cart', 0.1),
    cause('x', 0.05),
  ]
  expect(titleOf(causes, 0.1, [], 'x')).toBe(
    'no single cause stands out; best leads: payment (40 %), postgres (database) (35 %), cart (10 %)',
  )
})

test('without a ranking says who suffers and how', () => {
  expect(titleOf([], null, ['a', 'b', 'c', 'd', 'e'], 'latency_p95 is 840 ms')).toBe(
    'a, b, c and 2 more: latency_p95 is 840 ms',
  )
  expect(titleOf([], 1, [], 'host web-1: memory_usage_percent is 97 %')).toBe(
    'host web-1: memory_usage_percent is 97 %',
  )
})

test('says so when it is rather none of them', () => {
  expect(titleOf([cause('payment', 0.3), cause('cart', 0.08)], 0.62, ['payment'], 'x')).toBe(
    'no known cause is likely (none of these: 62 %); best leads: payment (30 %), cart (8 %)',
  )
})
