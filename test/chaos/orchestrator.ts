import { setTimeout as sleep } from 'node:timers/promises'
import type { Rng } from '@adf/detectors'
import type { StackPart } from '../harness/compose-stack.ts'

export interface Kill {
  readonly part: string
  readonly signal: 'SIGKILL' | 'SIGTERM'
  /** From the start of the run. */
  readonly atMs: number
  /** Until it answered again. */
  readonly awayMs: number
  /** Starts that it took: one that finds its database away ends, and is started again. */
  readonly starts: number
}

/** As Docker waits between two starts of what ends at once. */
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000

/** Ends a part, and starts it again until it answers, as `restart: unless-stopped` does. */
export async function kill(part: StackPart, rng: Rng, startMs: number): Promise<Kill> {
  const signal = rng() < 0.5 ? 'SIGKILL' : 'SIGTERM'
  const begun = Date.now()
  await part.end(signal)
  await sleep(rng() * 3000)
  for (let starts = 1, pauseMs = FIRST_PAUSE_MS; ; starts++) {
    try {
      await part.start()
      return { part: part.name, signal, atMs: begun - startMs, awayMs: Date.now() - begun, starts }
    } catch (error) {
      if (starts === 20) throw error
      await part.end('SIGKILL')
      await sleep(pauseMs)
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)
    }
  }
}

/** Starts what ended by itself. @returns its names */
export async function revive(parts: readonly StackPart[], rng: Rng): Promise<string[]> {
  const dead = parts.filter((part) => !part.alive())
  for (const part of dead) await kill(part, rng, Date.now())
  return dead.map(({ name }) => name)
}
