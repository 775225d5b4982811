import { ProblemError } from './problem.ts'

export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
  /** Callers remembered at most. */
  readonly mostCallers: number
}

/**
 * Token buckets, one for each caller. Whoever was quiet for long enough to have a full one is forgotten first: that changes nothing
 * for them.
 */
export class RateLimiter {
  readonly #limit: RateLimit
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  constructor(limit: RateLimit) {
    this.#limit = limit
  }

  /** @throws ProblemError `too_many_requests`, with the time after which there is room */
  take(caller: string, nowMs: number): void {
    const { perSecond, burst, mostCallers } = this.#limit
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, atMs: nowMs }
    const elapsed = Math.max(0, nowMs - bucket.atMs) / 1000
    const tokens = Math.min(burst, bucket.tokens + elapsed * perSecond)
    const taken = tokens >= 1
    // The latest caller is the last of the map.
    this.#buckets.delete(caller)
    this.#buckets.set(caller, { tokens: taken ? tokens - 1 : tokens, atMs: nowMs })
    if (this.#buckets.size > mostCallers) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    if (taken) return
    const seconds = Math.max(1, Math.ceil((1 - tokens) / perSecond))
    throw new ProblemError(
      'too_many_requests',
      `more than ${perSecond} requests a second; wait ${seconds} s`,
      {
        headers: { 'retry-after': String(seconds) },
      },
    )
  }
}
