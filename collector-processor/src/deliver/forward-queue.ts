import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../telemetry/clock.ts'
import type { ForwardRequest } from '../telemetry/forward.ts'
import type { Signal } from '../telemetry/signal.ts'
import type { ForwardCounters } from './forward-counters.ts'
import type { PartialSuccess } from './forward-partial-success.ts'
import { SendError, type Sender } from './forward-sender.ts'

/** Requests under way to one endpoint at once: enough to fill a connection over some round-trip time. */
const CONCURRENCY = 4

export interface QueueOptions {
  readonly name: string
  readonly maxBytes: number
  readonly maxElapsedMs: number
  readonly backoff: { readonly initialMs: number; readonly maxMs: number }
  readonly clock: Clock
  readonly rng: () => number
  readonly counters: ForwardCounters
  readonly onOutcome: (outcome: Outcome, signal: Signal) => void
}

/** Of one attempt: why it failed, what the endpoint left out of a request that it took, or undefined. */
export type Outcome = SendError | PartialSuccess | undefined

/**
 * What waits for one endpoint: bounded in bytes, oldest first, newest dropped when full. Several workers send; each keeps
 * its request through retries, so that order is kept only roughly. Nothing here throws: what is lost is counted.
 */
export class ForwardQueue {
  bytes = 0
  private readonly options: QueueOptions
  private readonly sender: Sender
  private waiting: (ForwardRequest | undefined)[] = []
  private head = 0
  private readonly workers = new Set<Promise<void>>()
  private readonly abort = new AbortController()
  private closed = false

  constructor(sender: Sender, options: QueueOptions) {
    this.sender = sender
    this.options = options
  }

  push(request: ForwardRequest): void {
    const { name, maxBytes, counters } = this.options
    const size = sizeOf(request)
    if (this.closed || this.bytes + size > maxBytes) {
      counters.dropped(name, this.closed ? 'shutdown' : 'queue_full')
      return
    }
    this.bytes += size
    this.waiting.push(request)
    if (this.workers.size < CONCURRENCY) this.startWorker()
  }

  /** Sends what waits, for at most `drainMs`; the rest, attempts under way too, is dropped and counted. */
  async stop(drainMs: number): Promise<void> {
    this.closed = true
    const cut = setTimeout(() => this.abort.abort(), drainMs)
    while (this.workers.size > 0) await Promise.all(this.workers)
    clearTimeout(cut)
    this.sender.close()
  }

  private startWorker(): void {
    const worker = this.work().finally(() => {
      this.workers.delete(worker)
    })
    this.workers.add(worker)
  }

  private async work(): Promise<void> {
    for (let request = this.next(); request !== undefined; request = this.next()) {
      if (this.abort.signal.aborted) this.options.counters.dropped(this.options.name, 'shutdown')
      else await this.deliver(request)
      this.bytes -= sizeOf(request)
    }
  }

  private next(): ForwardRequest | undefined {
    const request = this.waiting[this.head]
    this.waiting[this.head++] = undefined
    if (request === undefined || this.head > 1024) {
      this.waiting = this.waiting.slice(this.head)
      this.head = 0
    }
    return request
  }

  private async deliver(request: ForwardRequest): Promise<void> {
    const { name, counters, clock, maxElapsedMs, onOutcome } = this.options
    const began = clock()
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.attempt(request)
      const failed = outcome instanceof SendError
      if (failed && this.abort.signal.aborted) return counters.dropped(name, 'shutdown')
      onOutcome(outcome, request.signal)
      if (!failed) {
        if (outcome !== undefined) counters.rejected(name, request.signal, outcome.rejected)
        return counters.sent(name, request.signal, sizeOf(request))
      }
      if (!outcome.retryable) return counters.dropped(name, 'permanent')
      const delay = this.delay(attempt, outcome.retryAfterMs)
      if (clock() + delay - began > maxElapsedMs) return counters.dropped(name, 'max_elapsed')
      if (!(await this.wait(delay))) return counters.dropped(name, 'shutdown')
      counters.retried(name)
    }
  }

  private async attempt(request: ForwardRequest): Promise<Outcome> {
    try {
      return await this.sender.send(request, this.abort.signal)
    } catch (error) {
      if (error instanceof SendError) return error
      const message = error instanceof Error ? error.message : String(error)
      return new SendError(message, { retryable: false, cause: error })
    }
  }

  /** Exponential with full jitter over its upper half; never less than the endpoint asks for. */
  private delay(attempt: number, askedMs: number): number {
    const { backoff, rng } = this.options
    const ceiling = Math.min(backoff.maxMs, backoff.initialMs * 2 ** Math.min(attempt, 30))
    return Math.max(askedMs, ceiling * (0.5 + rng() / 2))
  }

  private async wait(delayMs: number): Promise<boolean> {
    try {
      await sleep(delayMs, undefined, { signal: this.abort.signal })
      return true
    } catch {
      return false
    }
  }
}

const sizeOf = ({ protobuf, json }: ForwardRequest) => protobuf.length + (json?.length ?? 0)
