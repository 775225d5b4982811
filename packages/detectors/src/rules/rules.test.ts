import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import { RulesDetector, ruleScore } from './rules.ts'

const limits = [
  { name: 'a', max: 150 },
  { name: 'b', max: 8, min: 2 },
  { name: 'c', max: 1 },
]
detectorContract(
  'rules',
  () => new RulesDetector(limits),
  () => new RulesDetector([{ name: 'a', max: 90 }]),
)

describe('RulesDetector', () => {
  const detector = new RulesDetector(limits)
  const score = (...values: number[]) => ruleScore(detector.score(Float64Array.from(values)))

  it.each([
    [[150, 8, 1], 0],
    [[100, 2, 0.5], 0],
    [[Number.NaN, Number.NaN, Number.NaN], 0],
    [[150.1, 5, 0.5], 1],
    [[100, 1.9, 0.5], 1],
  ])('%j scores %d from the first vector on', (values, expected) => {
    expect(score(...values)).toBe(expected)
  })

  it('reports its limits as the band', () => {
    const { low, high, parts } = detector.explain(Float64Array.of(100, 16, 0.5))
    expect([...low]).toEqual([Number.NaN, 2, Number.NaN])
    expect([...high]).toEqual([150, 8, 1])
    expect([...parts]).toEqual([0, 1, 0])
  })
})
