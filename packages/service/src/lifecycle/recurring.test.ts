import { setImmediate as breathe } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { recurring } from './recurring.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

function counting() {
  const failures: unknown[] = []
  const runs: { signal: AbortSignal; end: (error?: Error) => void }[] = []
  const component = recurring({
    name: 'counting',
    everyMs: 1000,
    work: (signal) =>
      new Promise((resolve, reject) =>
        runs.push({ signal, end: (error) => (error ? reject(error) : resolve()) }),
      ),
    failed: (error) => failures.push(error),
  })
  const end = async (error?: Error) => {
    runs.at(-1)?.end(error)
    await breathe()
  }
  return { component, runs, failures, end }
}

test('works at the start, then an interval after each end', async () => {
  const { component, runs, end } = counting()
  await component.start()
  expect(runs).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(5000)
  expect(runs).toHaveLength(1)
  await end()
  await vi.advanceTimersByTimeAsync(999)
  expect(runs).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(runs).toHaveLength(2)
  await end()
  await component.stop()
})

test('nudges make one more run after the one under way, and one at once when idle', async () => {
  const { component, runs, end } = counting()
  component.nudge()
  expect(runs).toHaveLength(0)
  await component.start()
  component.nudge()
  component.nudge()
  expect(runs).toHaveLength(1)
  await end()
  expect(runs).toHaveLength(2)
  await end()
  component.nudge()
  expect(runs).toHaveLength(3)
  await end()
  await component.stop()
})

test('a failure is told, and the work done again', async () => {
  const { component, runs, failures, end } = counting()
  await component.start()
  const fault = new Error('no')
  await end(fault)
  expect(failures).toEqual([fault])
  await vi.advanceTimersByTimeAsync(1000)
  expect(runs).toHaveLength(2)
  await end()
  await component.stop()
})

test('stop aborts and waits for what is under way, and nothing begins after it', async () => {
  const { component, runs, failures, end } = counting()
  await component.start()
  const stopped = component.stop()
  expect(runs[0]?.signal.aborted).toBe(true)
  await end(new Error('aborted'))
  await stopped
  expect(failures).toEqual([])
  component.nudge()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(runs).toHaveLength(1)
})
