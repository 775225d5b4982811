import { expect, test } from 'vitest'
import { createSteps } from './steps.ts'

function steps(advance: (nowMs: number) => void) {
  const logged: unknown[] = []
  const made = createSteps({
    pipeline: { advance },
    stepMs: 100,
    clock: () => 0,
    each: true,
    log: { error: (fault: unknown) => void logged.push(fault) },
  })
  return { made, logged }
}

test('every step up to a time ends, in order; less than a step is none', () => {
  const ended: number[] = []
  const { made } = steps((nowMs) => ended.push(nowMs))
  made.reach(1000)
  made.reach(1050)
  made.reach(1330)
  expect(ended).toEqual([1000, 1100, 1200, 1330])
  expect(made.reachedMs).toBe(1330)
})

test('a fault in one is logged, and does not stop the next', () => {
  const ended: number[] = []
  const { made, logged } = steps((nowMs) => {
    if (nowMs === 1100) throw new Error('a bug')
    ended.push(nowMs)
  })
  for (const nowMs of [1000, 1100, 1200]) made.reach(nowMs)
  expect(ended).toEqual([1000, 1200])
  expect(logged).toHaveLength(1)
})
