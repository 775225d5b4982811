import type { TrialResult } from '@adf/demo'
import { expect, test } from 'vitest'
import { rowsOf } from './rows.ts'

const result = (over: Partial<TrialResult>): TrialResult => ({
  service: 'cart',
  fault: 'latency',
  top: ['cart'],
  kind: 'code',
  probability: 0.9,
  detected_after_s: 2,
  alerted_after_s: 2,
  ...over,
})

test('shares are of all trials, kinds of those that were right, times of those that were found', () => {
  const rows = rowsOf([
    result({}),
    result({ kind: 'network', detected_after_s: 4 }),
    result({ fault: 'network', top: ['pricing', 'cart'], kind: 'network', detected_after_s: 6 }),
    result({ fault: 'network', top: [], kind: null, probability: null, detected_after_s: null }),
  ])
  const of = (name: string) =>
    Object.fromEntries(rows.filter((row) => row.case === name).map(({ measure, value }) => [measure, value]))
  expect(of('shop:mean')).toEqual({
    trials: 4,
    missed: 1,
    'as@1': 0.5,
    'as@3': 0.75,
    kind: 0.5,
    median_s: 4,
    longest_s: 6,
  })
  expect(of('shop/network')).toEqual({
    trials: 2,
    missed: 1,
    'as@1': 0,
    'as@3': 0.5,
    kind: 0,
    median_s: 6,
    longest_s: 6,
  })
})
