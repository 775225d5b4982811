import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, type Registry } from 'prom-client'

/** How often it is looked whether the event loop goes on, ms. */
const RESOLUTION_MS = 10
const STALL_MS = 50

/** As far as it is asked, that of `node:perf_hooks`: values in ns, the time between two looks. */
export interface DelayHistogram {
  readonly count: number
  percentile(percentile: number): number
}

/** Counts the times that the event loop was held for longer than 50 ms: by this process, or because the machine gave it no processor. */
export function countStalls(registry: Registry): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  new Counter({
    name: 'adf_event_loop_stalls_total',
    help: 'Times that the event loop was held for more than 50 ms.',
    registers: [registry],
    collect() {
      this.inc(stallsIn(delay))
      delay.reset()
    },
  })
}

/** Values over the limit. They are sorted, and asked for by their rank. */
export function stallsIn(delay: DelayHistogram): number {
  const limit = (RESOLUTION_MS + STALL_MS) * 1e6
  const over = (rank: number) => delay.percentile((100 * (rank + 0.5)) / delay.count) > limit
  let [from, to] = [0, delay.count]
  while (from < to) {
    const middle = (from + to) >> 1
    if (over(middle)) to = middle
    else from = middle + 1
  }
  return delay.count - from
}
