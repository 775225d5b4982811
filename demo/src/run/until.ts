import { setTimeout } from 'node:timers/promises'

export class TimedOut extends Error {
  override readonly name = 'TimedOut'
}

/** Asks again and again until there is an answer. Rejects with TimedOut when there is none in time, or as `signal` says. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  options: { timeoutMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<T> {
  const end = performance.now() + options.timeoutMs
  for (;;) {
    options.signal?.throwIfAborted()
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new TimedOut(`${what}: not in ${options.timeoutMs / 1000} s`)
    await setTimeout(options.everyMs ?? 100, undefined, options.signal ? { signal: options.signal } : {})
  }
}
