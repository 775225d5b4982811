import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createEventLoopMonitor } from './event-loop.ts'

test('counts seconds with a stall, and tells the longest of a minute', async () => {
  const registry = new Registry()
  const delay = { max: 0, enable: () => true, disable: () => true, reset: () => {} }
  const monitor = createEventLoopMonitor(registry, delay)
  const after = async (ms: number) => {
    delay.max = ms * 1e6
    monitor.second()
    const text = await registry.metrics()
    return Object.fromEntries(
      [...text.matchAll(/^adf_event_loop_(\S+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]),
    )
  }
  expect(await after(12)).toEqual({ stalls_total: 0, longest_stall_seconds: 0.002 })
  expect(await after(0)).toEqual({ stalls_total: 0, longest_stall_seconds: 0.002 })
  expect(await after(210)).toEqual({ stalls_total: 1, longest_stall_seconds: 0.2 })
  for (let second = 0; second < 59; second++) await after(10)
  expect(await after(60)).toEqual({ stalls_total: 1, longest_stall_seconds: 0.05 })
})

test('measures this event loop', async () => {
  const registry = new Registry()
  const monitor = createEventLoopMonitor(registry)
  await monitor.start()
  await new Promise((resolve) => setTimeout(resolve, 30))
  const until = performance.now() + 200
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 30))
  monitor.second()
  await monitor.stop()
  expect(await registry.metrics()).toMatch(/adf_event_loop_stalls_total [1-9]/)
})
