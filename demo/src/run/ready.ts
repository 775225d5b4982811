import type { DemoProcess } from './process.ts'
import { until } from './until.ts'

const START_TIMEOUT_MS = 30_000

/** Waits until a part of ADF is ready at its address. Rejects with its last words when it ends before, else with TimedOut. */
export async function ready(process: DemoProcess, url: string): Promise<void> {
  await until(
    process.name,
    async () => {
      if (!process.running)
        throw new Error(`${process.name} ended while it was starting: ${process.tail.trim()}`)
      const response = await fetch(`${url}/ready`).catch(() => undefined)
      return response?.ok || undefined
    },
    { timeoutMs: START_TIMEOUT_MS },
  )
}
