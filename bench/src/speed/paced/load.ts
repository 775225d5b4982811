import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Protocol } from './send.ts'

/** In one request. */
export const SPANS = 1000

/** What became of the requests since it was asked for last. */
export interface Tally {
  /** By the pace; `heldBack` of them were not sent, since too many were under way. */
  offered: number
  heldBack: number
  taken: number
  refused: number
  failed: number
  /** Of those that failed, how many for which reason. */
  readonly reasons: Record<string, number>
  /** Of those that were taken, ms from the first byte sent to the answer. */
  readonly latencies: number[]
}

export interface PacedLoad {
  tally(): Promise<Tally>
  stop(): Promise<void>
}

/** Requests of 1,000 spans of ten services. `churnMs`: so often a fifth of the services get other names; 0: never. */
export async function startPacedLoad(options: {
  readonly protocol: Protocol
  readonly port: number
  readonly requestsPerSecond: number
  readonly atOnce: number
  readonly connections: number
  readonly churnMs: number
}): Promise<PacedLoad> {
  const { protocol, port, requestsPerSecond, atOnce, connections, churnMs } = options
  const child = fork(
    join(import.meta.dirname, 'generator.ts'),
    [protocol, port, requestsPerSecond, atOnce, connections, churnMs].map(String),
  )
  const exited = once(child, 'exit')
  const failed = exited.then(([code]) => {
    throw new Error(`the load generator ended with ${code}`)
  })
  failed.catch(() => {})
  // It says so when its requests are made.
  await Promise.race([once(child, 'message'), failed])
  return {
    tally: async () => {
      child.send('tally')
      const [tally] = await Promise.race([once(child, 'message'), failed])
      return tally as Tally
    },
    stop: async () => {
      child.send('stop')
      await exited
    },
  }
}
