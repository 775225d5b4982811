import { expect, it } from 'vitest'
import { ProblemError } from './problem.ts'
import { RateLimiter } from './rate.ts'

const taken = (rate: RateLimiter, caller: string, nowMs: number) => {
  try {
    rate.take(caller, nowMs)
    return true
  } catch (error) {
    if (error instanceof ProblemError) return error.headers['retry-after']
    throw error
  }
}

it('lets a caller through as often as it may, on average', () => {
  const rate = new RateLimiter({ perSecond: 0.5, burst: 2, mostCallers: 10 })
  expect([1, 2, 3].map(() => taken(rate, 'a', 0))).toEqual([true, true, '2'])
  expect(taken(rate, 'b', 0)).toBe(true)
  expect(taken(rate, 'a', 1000)).toBe('1')
  expect(taken(rate, 'a', 2000)).toBe(true)
  // A clock that was set back costs nobody more than the wait.
  expect(taken(rate, 'a', 0)).toBe('2')
  expect(taken(rate, 'a', 2000)).toBe(true)
})

it('remembers no more callers than it may', () => {
  const rate = new RateLimiter({ perSecond: 1, burst: 1, mostCallers: 2 })
  for (const caller of ['a', 'b', 'c']) expect(taken(rate, caller, 0)).toBe(true)
  expect(taken(rate, 'c', 0)).toBe('1')
  expect(taken(rate, 'a', 0)).toBe(true)
})
