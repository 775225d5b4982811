import { expect, test } from 'vitest'
import { thresholdAt } from './scores.ts'

const at = (minute: number) => `2026-03-01T03:${String(minute).padStart(2, '0')}:00Z`
const ms = (minute: number) => Date.parse(at(minute))

test('the threshold of a time is that of the last change before it', () => {
  const course = {
    initial: 0.8,
    changes: [
      { at: at(30), from: 0.9, to: null },
      { at: at(20), from: 0.7, to: 0.9 },
    ],
  }
  expect([10, 20, 29, 30, 40].map((minute) => thresholdAt(course, ms(minute)))).toEqual([
    0.7, 0.9, 0.9, 0.8, 0.8,
  ])
})

test('without changes it is the initial one; what is not known stays unknown', () => {
  expect(thresholdAt({ initial: 0.8, changes: [] }, ms(0))).toBe(0.8)
  expect(thresholdAt({ initial: null, changes: [{ at: at(20), from: null, to: 0.9 }] }, ms(0))).toBeNull()
})
