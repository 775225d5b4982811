import { readFileSync } from 'node:fs'
import { cpuSeconds } from '../speed/ingest/process-usage.ts'

/** What a server under attack answered, and how it fared. */
export interface Watched {
  readonly requests: number
  /** The process ended, or answered that it failed inside. */
  readonly crashes: number
  readonly failures: number
  readonly longestMs: number
  /** Most CPU time that the server used while one request was under way, for whatever: what others take of a busy machine is not in it. */
  readonly longestCpuMs: number
  readonly beforeMb: number
  readonly afterMb: number
  /** Answers by status; `none` where there was none. */
  readonly answers: Readonly<Record<string, number>>
}

/** Requests under way at once. */
const AT_ONCE = 8
/** Share of the requests before memory is first looked at. */
const WARM_UP = 0.25
const TOLD_EVERY = 10_000

/** The answer that says that a request failed inside: a fault of the server, not of the request. */
export type IsFailure = (status: string) => boolean

/**
 * Lets `send` make `count` requests, eight at a time, at a server that is process `pid`; `send` resolves to the status of the answer, undefined
 * where there is none. Ends early when the process does.
 */
export async function watched(
  { pid, ended }: { readonly pid: number; readonly ended: Promise<unknown> },
  count: number,
  send: () => Promise<string | undefined>,
  { isFailure, progress }: { readonly isFailure: IsFailure; readonly progress: (text: string) => void },
): Promise<Watched> {
  const tally = { alive: true, sent: 0, failures: 0, longestMs: 0, longestCpuMs: 0, beforeMb: Number.NaN }
  const answers: Record<string, number> = {}
  void ended.then(() => {
    tally.alive = false
  })
  const work = async () => {
    while (tally.sent < count && tally.alive) {
      const number = tally.sent++
      if (number === Math.floor(WARM_UP * count)) tally.beforeMb = rssMb(pid)
      if (number > 0 && number % TOLD_EVERY === 0) progress(`${number} of ${count}`)
      const [begun, used] = [performance.now(), cpuOf(pid)]
      const status = (await send()) ?? 'none'
      tally.longestMs = Math.max(tally.longestMs, performance.now() - begun)
      tally.longestCpuMs = Math.max(tally.longestCpuMs, 1000 * (cpuOf(pid) - used))
      answers[status] = (answers[status] ?? 0) + 1
      if (isFailure(status)) tally.failures++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const { alive, sent, failures, longestMs, longestCpuMs, beforeMb } = tally
  return {
    requests: sent,
    crashes: Number(!alive),
    failures,
    longestMs,
    longestCpuMs,
    beforeMb,
    afterMb: alive ? rssMb(pid) : Number.NaN,
    answers,
  }
}

const rssMb = (pid: number): number =>
  (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6

/** 0 of a process that has just ended. */
function cpuOf(pid: number): number {
  try {
    return cpuSeconds(pid)
  } catch {
    return 0
  }
}
