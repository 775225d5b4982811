import type { Component } from './component.ts'

export interface Recurring extends Component {
  /** Does the work as soon as it is not under way, whatever the interval says. */
  nudge(): void
}

/**
 * Work that is done again and again, never twice at once: at the start, then `everyMs` after each end, sooner when nudged. Work that fails
 * is told to `failed` and done again after the interval. stop() aborts the signal and waits for what is under way.
 */
export function recurring(options: {
  readonly name: string
  readonly everyMs: number
  readonly work: (signal: AbortSignal) => Promise<void>
  readonly failed: (error: unknown) => void
}): Recurring {
  const { name, everyMs, work, failed } = options
  const stopping = new AbortController()
  const { signal } = stopping
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let started = false
  let again = false

  const run = async () => {
    clearTimeout(timer)
    do {
      again = false
      await work(signal).catch((error: unknown) => {
        if (!signal.aborted) failed(error)
      })
    } while (again && !signal.aborted)
    running = undefined
    if (!signal.aborted) timer = setTimeout(begin, everyMs)
  }
  const begin = () => {
    running ??= run()
  }
  return {
    name,
    async start() {
      if (signal.aborted) return
      started = true
      begin()
    },
    nudge() {
      if (!started || signal.aborted) return
      if (running === undefined) begin()
      else again = true
    },
    async stop() {
      stopping.abort(new Error(`${name} stops`))
      clearTimeout(timer)
      await running
    },
  }
}
