import { expect, it } from 'vitest'
import { bucketsIn, countOf, quantileBound, since } from './histogram.ts'

const exposition = (fast: number, slow: number) =>
  [
    '# TYPE a_seconds histogram',
    `a_seconds_bucket{le="0.001"} ${fast}`,
    `a_seconds_bucket{le="0.01"} ${fast}`,
    `a_seconds_bucket{le="0.1"} ${fast + slow}`,
    `a_seconds_bucket{le="+Inf"} ${fast + slow}`,
    'a_seconds_sum 3',
    `b_seconds_bucket{le="+Inf"} 7`,
  ].join('\n')

it('tells quantiles of what came between two scrapes, by the bound that they do not pass', () => {
  const between = since(
    bucketsIn(exposition(100, 0), 'a_seconds'),
    bucketsIn(exposition(198, 2), 'a_seconds'),
  )
  expect(countOf(between)).toBe(100)
  expect(quantileBound(between, 0.5)).toBe(0.001)
  expect(quantileBound(between, 0.98)).toBe(0.001)
  expect(quantileBound(between, 0.99)).toBe(0.1)
})

it('tells none of nothing', () => {
  expect(quantileBound(bucketsIn('', 'a_seconds'), 0.5)).toBeNaN()
})
