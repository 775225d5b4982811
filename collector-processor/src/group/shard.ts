import type { Logger } from '@adf/service'
import type { Shard } from '../receiver/kafka/shard.ts'
import type { StreamClock } from '../receiver/kafka/stream-clock.ts'
import { atOnce, createSteps, type Steps } from '../steps.ts'
import type { Fence } from '../store/shard.ts'
import type { ShardWork } from './work.ts'

/** What one partition makes: work with a time of its own. It goes on from `begin` to `end`. */
export class MemberShard implements Shard {
  readonly fence: Fence
  readonly clock: StreamClock
  readonly work: ShardWork
  readonly #steps: Steps
  readonly #within: <T>(shard: MemberShard, take: () => T) => T
  #lost = false
  #halted = false

  /** @param within does something while what comes is taken for the shard's */
  constructor(parts: {
    readonly fence: Fence
    readonly clock: StreamClock
    readonly work: ShardWork
    readonly stepMs: number
    readonly within: <T>(shard: MemberShard, take: () => T) => T
    readonly log: Pick<Logger, 'error'>
  }) {
    const { fence, clock, work, stepMs, log } = parts
    this.fence = fence
    this.clock = clock
    this.work = work
    this.#within = parts.within
    const whole = atOnce((nowMs) => this.within(() => work.advance(nowMs)))
    this.#steps = createSteps({ pipeline: whole, stepMs, clock: clock.now, each: true, log })
  }

  get lost(): boolean {
    return this.#lost
  }

  get steppedMs(): number {
    return this.work.reachedMs ?? this.#steps.reachedMs
  }

  get settledMs(): number {
    return this.work.settledMs ?? this.steppedMs
  }

  step(nowMs: number): void {
    if (!this.#halted) this.#steps.reach(nowMs)
  }

  taking(offset: number): void {
    this.work.taking(offset)
  }

  taken(offset: number): void {
    this.work.taken(offset)
  }

  within<T>(take: () => T): T {
    return this.#within(this, take)
  }

  get halted(): boolean {
    return this.#halted
  }

  halt(): void {
    this.#halted = true
    // It stops its timer at once.
    void this.#steps.stop()
  }

  lose(): void {
    this.#lost = true
  }

  begin(): Promise<void> {
    return this.#steps.start()
  }

  async end(): Promise<void> {
    await this.#steps.stop()
    this.work.end()
  }
}
