import { expect, test } from 'vitest'
import { Exemplars } from './exemplars.ts'

test('gives up all traces while memory is short, keeps none, and counts them', () => {
  const exemplars = new Exemplars()
  exemplars.add(3, 1000, 0, 0, 0, 1)
  exemplars.add(5, 2000, 0, 0, 0, 2)
  expect(exemplars.list([3, 5], 0, 10)).toHaveLength(2)
  exemplars.shed(true)
  exemplars.add(3, 3000, 0, 0, 0, 3)
  expect(exemplars.list([3, 5], 0, 10)).toEqual([])
  expect(exemplars.dropped).toBe(3)
  exemplars.shed(false)
  exemplars.add(3, 4000, 0, 0, 0, 4)
  expect(exemplars.list([3, 5], 0, 10)).toEqual(['4'.padStart(32, '0')])
  expect(exemplars.dropped).toBe(3)
})
