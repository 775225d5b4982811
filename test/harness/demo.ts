import { freePort, type Running, runAdf, until } from './process.ts'

/** Twice what it takes on two busy cores until it knows what is normal: the shop alone is twelve processes. */
export const DEMO_LIMIT_MS = 420_000

export interface RunningDemo {
  readonly running: Running
  readonly startedAt: number
  readonly api: string
  readonly webhook: string
  /** Where the pages are. */
  readonly console: string
  /** What the demo prints, once it has; the first group of `what`. */
  told(what: RegExp): Promise<string>
  /** Waits for a condition; rejects at once, with what the demo printed, when it has ended. */
  until<T>(
    what: string,
    condition: () => Promise<T | undefined | false> | T | undefined | false,
    limitMs?: number,
  ): Promise<T>
  /** As the pages ask. */
  asked<T>(path: string): Promise<T>
}

/** `adf demo` as a process of its own, with its pages at a free port. Resolves once it listens; what is normal it learns after that. */
export async function startDemo(args: readonly string[]): Promise<RunningDemo> {
  const startedAt = Date.now()
  const running = runAdf(['demo', ...args, '--console', String(await freePort())])
  const ended = running.exited.then((): never => {
    throw new Error(`the demo ended:\n${running.output()}`)
  })
  // Whoever waits hears of it; when nobody does, it is no fault.
  ended.catch(() => {})
  const lasting: RunningDemo['until'] = (what, condition, limitMs = DEMO_LIMIT_MS) =>
    Promise.race([until(what, condition, limitMs), ended])
  const told = (what: RegExp) => lasting(`${what}`, () => what.exec(running.output())?.[1])
  const api = await told(/API: (\S+)/)
  const pages = await told(/Pages to look at: (\S+)/)
  return {
    running,
    startedAt,
    api,
    webhook: await told(/Verdicts and thresholds: (\S+)\/docs/),
    console: pages,
    told,
    until: lasting,
    asked: async <T>(path: string): Promise<T> => {
      const response = await fetch(`${pages}/api/plugin-proxy/adf-app/${path}`)
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    },
  }
}
