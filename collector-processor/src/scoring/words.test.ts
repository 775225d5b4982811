import { describe, expect, it } from 'vitest'
import { contributionsOf, number, quantity } from './words.ts'

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

  it('leaves out shares under 1 %, sorts, and says what is normal', () => {
    const features = ['a', 'b', 'c'].map((name) => ({ name, unit: 'ms', direction: 'both' as const }))
    const explanation = {
      parts: Float64Array.of(0.2, 0.005, 0.795),
      expected: Float64Array.of(5, 5, 0),
      low: Float64Array.of(4, 4, 0),
      high: Float64Array.of(6, 6, 0),
    }
    const made = contributionsOf(features, Float64Array.of(20, 5, 30), explanation, false)
    expect(made.map(({ feature, text }) => [feature, text])).toEqual([
      ['c', 'c is 30 ms, normally 0 ms'],
      ['a', 'a is 20 ms, normally 4 to 6 ms'],
    ])
    expect(made[0]!.share + made[1]!.share).toBeCloseTo(1, 12)
  })
})
