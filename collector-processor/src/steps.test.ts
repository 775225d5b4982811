import { expect, test, vi } from 'vitest'
import { atOnce, createSteps } from './steps.ts'

function steps(advance: (nowMs: number) => void) {
  const logged: unknown[] = []
  const made = createSteps({
    pipeline: atOnce(advance),
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

test('a step of the timer is made in slices, between which others have their turn', async () => {
  const done: string[] = []
  let other = false
  const made = createSteps({
    pipeline: {
      *advancing() {
        // Until somebody else had a turn: a step in one piece would never end.
        while (!other) yield
        done.push('step')
      },
    },
    stepMs: 10,
    clock: () => 1000,
    each: false,
    log: { error: () => {} },
  })
  await made.start()
  const turn = () => {
    if (made.reachedMs === 1000) other = true
    else setImmediate(turn)
  }
  turn()
  await vi.waitUntil(() => done.length > 0)
  await made.stop()
  expect(done[0]).toBe('step')
})

test('a step under way is ended before the next begins, and when all ends', async () => {
  const pieces: string[] = []
  const made = createSteps({
    pipeline: {
      *advancing(nowMs) {
        pieces.push(`${nowMs} a`)
        yield
        pieces.push(`${nowMs} b`)
      },
    },
    stepMs: 100,
    clock: () => 0,
    each: false,
    log: { error: () => {} },
  })
  made.reach(1000)
  made.reach(1100)
  await made.stop()
  expect(pieces).toEqual(['1000 a', '1000 b', '1100 a', '1100 b'])
})
