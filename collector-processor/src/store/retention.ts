import type { Component, Logger } from '@adf/service'
import type { RetentionStore } from './store.ts'

/** Rows of each kind in one transaction. */
const CHUNK = 500

/** Deletes what is older than `retentionMs`, once at the start and then every `intervalMs`, in small pieces. */
export function createRetention(options: {
  store: RetentionStore
  retentionMs: number
  intervalMs?: number
  clock: () => number
  log: Pick<Logger, 'info' | 'error'>
}): Component & { sweep(): Promise<number> } {
  const { store, retentionMs, intervalMs = 3_600_000, clock, log } = options
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> | undefined
  let stopped = false

  const sweepAll = async () => {
    let total = 0
    for (let gone = 1; gone > 0 && !stopped; total += gone)
      gone = await store.sweep(clock() - retentionMs, CHUNK)
    if (total > 0) log.info({ rows: total }, 'deleted what is older than the retention time')
    return total
  }
  const sweep = () => {
    running ??= sweepAll().finally(() => {
      running = undefined
    })
    return running
  }
  const sweepSafely = () => {
    sweep().catch((error: unknown) =>
      log.error({ err: error }, 'could not delete old rows; trying again later'),
    )
  }
  return {
    name: 'retention',
    sweep,
    async start() {
      sweepSafely()
      timer = setInterval(sweepSafely, intervalMs).unref()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await running?.catch(() => undefined)
    },
  }
}
