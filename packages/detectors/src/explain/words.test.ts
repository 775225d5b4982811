import { describe, expect, it } from 'vitest'
import { duration, number, quantity, sentence } from './words.ts'

const latency = { name: 'latency_p95', unit: 'ms', value: 839.7, low: 95, high: 130 }

describe('words', () => {
  it.each([
    [0, '0'],
    [839.7, '840'],
    [0.051234, '0.0512'],
    [123456.7, '123457'],
    [1e12, '1.00e+12'],
    [1e-7, '1.00e-7'],
    [-2.34567, '-2.35'],
  ])('%d reads %s', (value, text) => expect(number(value)).toBe(text))

  it.each([
    ['ms', '12 ms'],
    ['1/s', '12/s'],
    ['1', '12'],
    ['', '12'],
    ['%', '12 %'],
  ])('unit %s: %s', (unit, text) => expect(quantity(12, unit)).toBe(text))

  it.each([
    [1500, '1 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
    [200_000_000, '2 d'],
  ])('%d ms reads %s', (ms, text) => expect(duration(ms)).toBe(text))

  it.each([
    [{}, {}, 'latency_p95 is 840 ms, normally 95 to 130 ms'],
    [{}, { given: 'hour' }, 'latency_p95 is 840 ms, normally 95 to 130 ms at this hour'],
    [{}, { given: 'company' }, 'latency_p95 is 840 ms, normally 95 to 130 ms beside the others'],
    [{}, { lastedMs: 250_000 }, 'latency_p95 is 840 ms, normally 95 to 130 ms, for 4 min now'],
    [{ low: 0, high: 0 }, { given: 'hour' }, 'latency_p95 is 840 ms, normally 0 ms at this hour'],
    [{ low: -3 }, {}, 'latency_p95 is 840 ms, normally up to 130 ms'],
    [{ low: -3, value: -20 }, {}, 'latency_p95 is -20 ms, normally -3 to 130 ms'],
    [{ low: Number.NaN, high: Number.NaN }, { given: 'hour' }, 'latency_p95 is 840 ms, unlike before'],
    [{ value: Number.NaN }, {}, 'latency_p95 is missing, normally 95 to 130 ms'],
    [{ high: 500 }, { limited: true }, 'latency_p95 is 840 ms, above its limit of 500 ms'],
    [
      { low: 900, high: Number.POSITIVE_INFINITY },
      { limited: true },
      'latency_p95 is 840 ms, below its limit of 900 ms',
    ],
  ] as const)('%j %j: %s', (seen, wording, text) =>
    expect(sentence({ ...latency, ...seen }, wording)).toBe(text),
  )
})
