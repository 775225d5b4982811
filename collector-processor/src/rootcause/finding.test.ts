import { expect, it } from 'vitest'
import { finding } from './finding.ts'

const told = (value: number, high: number) =>
  finding(
    'cart',
    'exclusive_time',
    'GET',
    'exclusive time of GET',
    'ms',
    { value, expected: 12.34, low: 10.7, high, z: 9, onset: 1 },
    Float64Array.of(5000, 10_000),
  )

it('says what is normal by its ends, or by its middle where earlier trouble reached as far', () => {
  expect(told(405, 31.7).text).toBe('exclusive time of GET is 405 ms, normally 10.7 to 31.7 ms')
  expect(told(405, 406).text).toBe('exclusive time of GET is 405 ms, normally about 12.3 ms')
})

it('says since when', () => {
  expect(told(405, 31.7).sinceMs).toBe(10_000)
})
