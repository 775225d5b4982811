import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Component } from '../lifecycle/component.ts'

/** How exactly stalls are measured, and from when on there is one. */
const RESOLUTION_MS = 10
const STALL_MS = 50
/** Stalls are told apart by the second that they end in; the longest of a minute is shown, whoever scrapes how often. */
const SECOND_MS = 1000
const SECONDS = 60

/** Of Node's histogram: ns. */
export interface EventLoopDelay {
  readonly max: number
  enable(): unknown
  disable(): unknown
  reset(): void
}

/** Measures how long the event loop stands still: the gauges of `nodejs_eventloop_lag` begin anew with each scrape, so that two scrapers hide stalls from each other. */
export function createEventLoopMonitor(
  registry: Registry,
  delay: EventLoopDelay = monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
): Component & { second(): void } {
  const registers = [registry]
  const longest = new Float64Array(SECONDS)
  let at = 0
  let timer: NodeJS.Timeout | undefined
  const stalls = new Counter({
    name: 'adf_event_loop_stalls_total',
    help: 'Seconds in which the event loop stood still for more than 50 ms at once.',
    registers,
  })
  new Gauge({
    name: 'adf_event_loop_longest_stall_seconds',
    help: 'Longest time that the event loop stood still at once in the last minute, to 10 ms.',
    registers,
    collect() {
      this.set(Math.max(...longest) / 1000)
    },
  })
  const second = () => {
    // What it records are intervals of a timer; its own period is no stall. Nothing recorded: max is 0.
    const stallMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS)
    longest[at] = stallMs
    at = (at + 1) % SECONDS
    if (stallMs > STALL_MS) stalls.inc()
    delay.reset()
  }
  return {
    name: 'event loop monitor',
    second,
    async start() {
      delay.enable()
      timer = setInterval(second, SECOND_MS).unref()
    },
    async stop() {
      clearInterval(timer)
      delay.disable()
    },
  }
}
