import type { EntityStream } from '@adf/contract'
import { expect, test } from 'vitest'
import { Learning } from './learning.ts'

const stream = (state: EntityStream['state'], learned: number, novelty: number | null): EntityStream => ({
  stream: 'service',
  state,
  learned,
  warm_up: 200,
  score: null,
  threshold: 0.8,
  initial_threshold: 0.8,
  last_seen: '2026-03-01T03:00:00Z',
  features: [{ name: 'log_novelty', unit: '', value: novelty, missing: null }],
})

test('a service is known once it is scored', () => {
  const learning = new Learning(false)
  expect(learning.share('cart/1', stream('warming_up', 100, null))).toBe(0.5)
  expect(learning.share('cart/1', stream('warming_up', 200, null))).toBeLessThan(1)
  expect(learning.share('cart/1', stream('scored', 200, null))).toBe(1)
})

test('where logs count, once a hundred vectors with their novelty are learned too', () => {
  const learning = new Learning(true)
  expect(learning.share('cart/1', stream('scored', 300, null))).toBe(0.4)
  expect(learning.share('cart/1', stream('scored', 500, 1.2))).toBe(0.4)
  expect(learning.share('cart/1', stream('scored', 550, null))).toBeCloseTo(0.7)
  expect(learning.share('cart/1', stream('scored', 600, 0.9))).toBe(1)
  expect(learning.share('pay/1', stream('scored', 600, 0.9))).toBe(0.4)
})
