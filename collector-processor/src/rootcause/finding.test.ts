import { expect, it } from 'vitest'
import { finding } from './finding.ts'

const told = (value: number, high: number) =>
  finding({
    service: 'cart',
    kind: 'exclusive_time',
    place: 'service',
    subject: 'GET',
    what: 'exclusive time of GET',
    unit: 'ms',
    deviation: { value, expected: 12.34, low: 10.7, high, z: 9, onset: 1 },
    windowSlots: Float64Array.of(5000, 10_000),
    currency: 'time',
    calls: { window: Float64Array.of(2, Number.NaN, 3), history: Float64Array.of() },
    share: 0.5,
  })

it('says what is normal by its ends, or by its middle where earlier trouble reached as far', () => {
  expect(told(405, 31.7).text).toBe('exclusive time of GET is 405 ms, normally 10.7 to 31.7 ms')
  expect(told(405, 406).text).toBe('exclusive time of GET is 405 ms, normally about 12.3 ms')
})

it('says since when', () => {
  expect(told(405, 31.7).sinceMs).toBe(10_000)
})

it('reckons what it costs, by its share', () => {
  expect(told(412.34, 31.7).effect).toEqual({ currency: 'time', amount: 1000 })
})
