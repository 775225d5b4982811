import type { EdgeSummary } from '@adf/contract'

export type StepSummary = Extract<EdgeSummary, { kind: 'step' }>

/** How far a shard has told its steps. */
export interface ShardProgress {
  readonly epoch: number
  /** End of its last whole step. */
  readonly atMs: number
  /** Its messages before this one are in its steps. */
  readonly offset: number
}

/** Why a message has no effect. */
type Void = 'fenced' | 'repeated' | 'incomplete'

export interface StepOrderOptions {
  readonly stepMs: number
  /** A shard that is further behind the foremost one holds nobody up. */
  readonly maxBehindMs: number
  /** Of messages that wait for slower shards; past it the oldest go on without these. */
  readonly maxBytes: number
  readonly ignored: (why: Void) => void
  /** Steps went on without a shard that is behind, for want of room. */
  readonly overrun: () => void
}

/** What takes the steps. */
export interface StepSink {
  add(summary: StepSummary): void
  /** All that came until then was added. */
  advance(nowMs: number): void
}

interface ShardState {
  epoch: number
  atMs: number
  offset: number
  /** Of the step under way; undefined while its first part is missing. */
  parts: StepSummary[] | undefined
  bytes: number
  /** Before its first step: when it began. */
  begunMs: number
}

interface Waiting {
  /** End of the step of its shard before it. */
  readonly beginMs: number
  readonly atMs: number
  readonly parts: readonly StepSummary[]
  readonly bytes: number
}

/**
 * Steps of several shards as one: in the order of their ends, as far as all shards have come, each once. A message that another process
 * wrote for a shard after it had lost it, or that was sent twice, has no effect. All that follows depends on the messages alone, so whoever
 * reads them comes to the same.
 */
export class StepOrder {
  readonly #options: StepOrderOptions
  readonly #shards = new Map<string, ShardState>()
  /** By the end of the step. */
  #waiting: Waiting[] = []
  #sorted = true
  #bytes = 0
  #newestMs = Number.NEGATIVE_INFINITY
  #oldestMs = Number.POSITIVE_INFINITY
  #forcedMs = Number.NEGATIVE_INFINITY
  #reachedMs = Number.NEGATIVE_INFINITY

  constructor(options: StepOrderOptions) {
    this.#options = options
  }

  /** Up to when steps were handed on; -Infinity before the first. */
  get reachedMs(): number {
    return this.#reachedMs
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** What was seen of a shard; `atMs` is -Infinity when that is no step yet. */
  progress(shard: string): ShardProgress | undefined {
    return this.#shards.get(shard)
  }

  /** @param atMs when the message was written */
  take(message: EdgeSummary, bytes: number, atMs: number): void {
    const state = this.#state(message, atMs)
    if (state === undefined) this.#options.ignored('fenced')
    else if (message.kind === 'step') this.#step(state, message, bytes)
  }

  /** Hands on what may go on. */
  run(sink: StepSink): void {
    const until = this.#gate()
    const { stepMs } = this.#options
    if (this.#reachedMs === Number.NEGATIVE_INFINITY && until > this.#reachedMs) {
      // No step is left out: what is read again after a move may be more than one.
      this.#sort()
      this.#go(sink, Math.min(until, this.#waiting[0]?.atMs ?? until))
    }
    while (until > this.#reachedMs)
      this.#go(sink, until - this.#reachedMs < 2 * stepMs ? until : this.#reachedMs + stepMs)
    // Of a shard that was behind, and held nobody up any more.
    this.#hand(sink, until)
  }

  #go(sink: StepSink, nowMs: number): void {
    this.#hand(sink, nowMs)
    this.#reachedMs = nowMs
    sink.advance(nowMs)
  }

  #state(message: EdgeSummary, atMs: number): ShardState | undefined {
    const { shard, epoch } = message
    let state = this.#shards.get(shard)
    if (state === undefined) {
      this.#forget()
      state = {
        ...{ epoch, atMs: Number.NEGATIVE_INFINITY, offset: 0 },
        ...{ parts: undefined, bytes: 0, begunMs: atMs },
      }
      this.#shards.set(shard, state)
    }
    if (epoch < state.epoch) return undefined
    if (epoch > state.epoch || message.kind === 'begin') {
      state.epoch = epoch
      state.parts = undefined
    }
    return state
  }

  #step(state: ShardState, message: StepSummary, bytes: number): void {
    const { at, part, last, offset } = message
    const { ignored } = this.#options
    if (at <= state.atMs) {
      ignored('repeated')
      return
    }
    if (part === 0) {
      state.parts = []
      state.bytes = 0
    }
    const { parts } = state
    if (parts === undefined || (parts[0]?.at ?? at) !== at || part !== parts.length) {
      ignored(parts !== undefined && part < parts.length ? 'repeated' : 'incomplete')
      return
    }
    parts.push(message)
    state.bytes += bytes
    if (!last) return
    const beginMs = Number.isFinite(state.atMs) ? state.atMs : at - this.#options.stepMs
    state.parts = undefined
    state.atMs = at
    state.offset = offset
    this.#newestMs = Math.max(this.#newestMs, at)
    this.#oldestMs = Math.min(this.#oldestMs, at)
    this.#put({ beginMs, atMs: at, parts, bytes: state.bytes })
  }

  #put(waiting: Waiting): void {
    const last = this.#waiting.at(-1)
    this.#sorted &&= last === undefined || last.atMs <= waiting.atMs
    this.#waiting.push(waiting)
    this.#bytes += waiting.bytes
    if (this.#bytes <= this.#options.maxBytes) return
    this.#sort()
    this.#forcedMs = this.#waiting[this.#waiting.length >> 1]?.atMs ?? this.#forcedMs
    this.#options.overrun()
  }

  /** Up to when steps may go on. Shards begin side by side: nothing goes on before others had time to be seen. */
  #gate(): number {
    const { stepMs, maxBehindMs } = this.#options
    if (!(this.#newestMs - this.#oldestMs >= SEEN_STEPS * stepMs)) return this.#forcedMs
    let least = this.#newestMs
    for (const { atMs, begunMs } of this.#shards.values()) {
      const seenMs = Math.max(atMs, begunMs)
      if (seenMs >= this.#newestMs - maxBehindMs) least = Math.min(least, atMs)
    }
    return Math.max(least, this.#forcedMs, this.#reachedMs)
  }

  /** Steps of shards end at different times: one that began before then has a part of what came until then, too. */
  #hand(sink: StepSink, until: number): void {
    this.#sort()
    const waiting = this.#waiting
    const last = until + LONGEST_STEP * this.#options.stepMs
    let kept = 0
    let at = 0
    for (; at < waiting.length; at++) {
      const next = waiting[at]
      if (next === undefined || next.atMs > last) break
      if (next.atMs > until && next.beginMs >= until) {
        waiting[kept++] = next
        continue
      }
      this.#bytes -= next.bytes
      for (const part of next.parts) sink.add(part)
    }
    if (kept < at) waiting.splice(kept, at - kept)
  }

  #sort(): void {
    if (!this.#sorted) this.#waiting.sort((one, other) => one.atMs - other.atMs)
    this.#sorted = true
  }

  /** Those that are silent for longest, of more than there can be partitions. */
  #forget(): void {
    if (this.#shards.size < MOST_SHARDS) return
    const silent = [...this.#shards].sort(([, one], [, other]) => one.atMs - other.atMs)
    for (const [shard] of silent.slice(0, MOST_SHARDS >> 3)) this.#shards.delete(shard)
  }
}

/** Of the foremost shard, at the begin. */
const SEEN_STEPS = 3
const MOST_SHARDS = 20_000
/** In steps, while a clock makes no leap. */
const LONGEST_STEP = 2
