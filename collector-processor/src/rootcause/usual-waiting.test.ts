import { expect, it } from 'vitest'
import { evidence, service } from './quiet.test-data.ts'
import { usualWaiting } from './usual-waiting.ts'

it('is that of the service with most of it, at its usual latency, over the requests of the window', () => {
  // 500 requests in the window, of 20 ms in history
  const slow = evidence([service('web', { latencyMs: 180 }), service('ads')], [])
  expect(usualWaiting(slow) / 1000).toBeCloseTo(10, 0)
})

it('is nothing without a history', () => {
  expect(usualWaiting(evidence([], []))).toBe(0)
})
