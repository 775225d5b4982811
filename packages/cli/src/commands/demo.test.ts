import { expect, test } from 'vitest'
import { statusOf } from './demo.ts'

const right = {
  service: 'payment',
  fault: 'error',
  top: ['payment', 'checkout'],
  kind: 'code',
  probability: 0.9,
  detected_after_s: 2.1,
  alerted_after_s: null,
} as const

test('the exit status is 0 when each fault was found where it is, else 1', () => {
  expect(statusOf([right, right])).toBe(0)
  expect(statusOf([right, { ...right, top: ['checkout', 'payment'] }])).toBe(1)
  expect(statusOf([{ ...right, top: [], kind: null, probability: null }])).toBe(1)
})
