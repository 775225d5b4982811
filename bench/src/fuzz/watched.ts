import { cpuSeconds, rssMb } from '../speed/ingest/process-usage.ts'

/** What a server under attack answered, and how it fared. */
export interface Watched {
  readonly requests: number
  /** The process ended, or answered that it failed inside. */
  readonly crashes: number
  readonly failures: number
  readonly longestMs: number
  /** Most CPU time that the server used while one request was under way, for whatever: what others take of a busy machine is not in it. */
  readonly longestCpuMs: number
  /** Resident after each quarter of the requests. */
  readonly rssMb: readonly number[]
  /** Answers by status; `none` where there was none. */
  readonly answers: Readonly<Record<string, number>>
}

/** Requests under way at once. */
const AT_ONCE = 8
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
  const tally = { alive: true, sent: 0, failures: 0, longestMs: 0, longestCpuMs: 0 }
  const rss: number[] = []
  const quarter = Math.ceil(count / 4)
  const answers: Record<string, number> = {}
  void ended.then(() => {
    tally.alive = false
  })
  const work = async () => {
    while (tally.sent < count && tally.alive) {
      const number = tally.sent++
      if (number > 0 && number % quarter === 0) rss.push(rssMb(pid))
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
  const { alive, sent, failures, longestMs, longestCpuMs } = tally
  if (alive) rss.push(rssMb(pid))
  return {
    requests: sent,
    crashes: Number(!alive),
    failures,
    longestMs,
    longestCpuMs,
    rssMb: rss,
    answers,
  }
}

/** 0 of a process that has just ended. */
function cpuOf(pid: number): number {
  try {
    return cpuSeconds(pid)
  } catch {
    return 0
  }
}
