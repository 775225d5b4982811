import { describe, expect, it } from 'vitest'
import { contributionsOf } from './words.ts'

describe('words', () => {
  it('leaves out shares under 1 %, sorts, and says what is normal', () => {
    const features = ['a', 'b', 'c'].map((name) => ({ name, unit: 'ms', direction: 'both' as const }))
    const explanation = {
      parts: Float64Array.of(0.2, 0.005, 0.795),
      expected: Float64Array.of(5, 5, 0),
      low: Float64Array.of(4, 4, 0),
      high: Float64Array.of(6, 6, 0),
    }
    const made = contributionsOf(features, Float64Array.of(20, 5, 30), explanation, {})
    expect(made.map(({ feature, text }) => [feature, text])).toEqual([
      ['c', 'c is 30 ms, normally 0 ms'],
      ['a', 'a is 20 ms, normally 4 to 6 ms'],
    ])
    expect(made[0]!.share + made[1]!.share).toBeCloseTo(1, 12)
  })
})
