import { seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import { leakOf } from './leak.ts'

it('finds all of it where scores tell everything, and nothing where they tell nothing', () => {
  expect(leakOf([3, 4, 5], [0, 1, 2])).toMatchObject({ auc: 1, advantage: 1 })
  expect(leakOf([0, 1], [2, 3])).toMatchObject({ auc: 0, advantage: 0 })
  expect(leakOf([1, 1], [1, 1])).toMatchObject({ auc: 0.5, advantage: 0, advantageByChance: 0 })
})

it('takes the threshold that tells most', () => {
  // From 2 on: three of four members, one of four others; the 0 on both sides counts half.
  expect(leakOf([0, 2, 3, 4], [1, 1, 0, 5])).toMatchObject({ auc: 9.5 / 16, advantage: 0.5 })
})

it('says what chance makes of so few', () => {
  const rng = seeded(2)
  const draw = (count: number) => Array.from({ length: count }, () => rng())
  const few = leakOf(draw(10), draw(10))
  const many = leakOf(draw(300), draw(300))
  expect(few.advantageByChance).toBeGreaterThan(0.2)
  expect(many.advantageByChance).toBeLessThan(0.08)
  expect(Math.abs(many.auc - 0.5)).toBeLessThan(0.06)
})

it('refuses to compare with nothing', () => {
  expect(() => leakOf([], [1])).toThrow('no members')
})
