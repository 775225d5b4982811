import { createHistogram } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { createRegistry } from './registry.ts'
import { stallsIn } from './stalls.ts'

it.each([
  [[], 0],
  [[10, 11, 12, 10], 0],
  [[10, 70, 11, 200, 10, 5000], 3],
  [[70], 1],
  [Array.from({ length: 5000 }, (_, i) => (i % 1000 === 0 ? 100 : 11)), 5],
])('of looks %j ms apart it counts those that came far too late', (millis, stalls) => {
  const histogram = createHistogram()
  for (const each of millis) histogram.record(each * 1e6)
  expect(stallsIn(histogram)).toBe(stalls)
})

it('is exported, and counts what holds up the event loop', async () => {
  const registry = createRegistry()
  const stalls = async () => {
    const metric = await registry.getSingleMetric('adf_event_loop_stalls_total')?.get()
    return metric?.values[0]?.value ?? 0
  }
  const holdUp = async () => {
    const until = performance.now() + 100
    while (performance.now() < until);
    // The look that comes too late is made before this timer.
    await setTimeout(20)
    return (await stalls()) > 0
  }
  await vi.waitUntil(holdUp, { timeout: 15_000 })
})
