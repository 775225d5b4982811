import { expect, it } from 'vitest'
import { rowsOfRounds, summarised } from './summary.ts'

const grpc = { suite: 'speed', case: 'grpc', subject: 'adf' }

it('has the median of all runs, and the least and most', () => {
  expect(rowsOfRounds(grpc, [{ ms: 3 }, { ms: 9 }, { ms: 1 }])).toEqual([
    { ...grpc, measure: 'ms', value: 3, min: 1, max: 9 },
  ])
})

it('keeps the range of runs that are medians themselves', () => {
  const run = (value: number, min: number, max: number) => [{ ...grpc, measure: 'ms', value, min, max }]
  expect(summarised([run(3, 1, 4), run(5, 2, 8), run(4, 3, 5)])).toEqual(run(4, 1, 8))
})

it('leaves a single run as it is, and rows that only some runs have', () => {
  const one = { ...grpc, measure: 'ms', value: 3 }
  expect(summarised([[one]])).toEqual([one])
  expect(summarised([[one], [{ ...one, subject: 'peer' }]])).toHaveLength(2)
})
