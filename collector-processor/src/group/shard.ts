import type { Logger } from '@adf/service'
import type { Pipeline } from '../pipeline.ts'
import type { Shard } from '../receiver/kafka/shard.ts'
import type { StreamClock } from '../receiver/kafka/stream-clock.ts'
import { atOnce, createSteps, type Steps } from '../steps.ts'
import type { Fence } from '../store/shard.ts'

/** What one partition makes: a pipeline with a time of its own. It works from `begin` to `end`. */
export class MemberShard implements Shard {
  readonly fence: Fence
  readonly clock: StreamClock
  readonly pipeline: Pipeline
  readonly #steps: Steps
  readonly #within: <T>(shard: MemberShard, take: () => T) => T
  #lost = false

  /** @param within does something while what comes is taken for the shard's */
  constructor(parts: {
    readonly fence: Fence
    readonly clock: StreamClock
    readonly pipeline: Pipeline
    readonly stepMs: number
    readonly within: <T>(shard: MemberShard, take: () => T) => T
    readonly log: Pick<Logger, 'error'>
  }) {
    const { fence, clock, pipeline, stepMs, log } = parts
    this.fence = fence
    this.clock = clock
    this.pipeline = pipeline
    this.#within = parts.within
    const whole = atOnce((nowMs) => this.within(() => pipeline.advance(nowMs)))
    this.#steps = createSteps({ pipeline: whole, stepMs, clock: clock.now, each: true, log })
  }

  get lost(): boolean {
    return this.#lost
  }

  get steppedMs(): number {
    return this.#steps.reachedMs
  }

  step(nowMs: number): void {
    this.#steps.reach(nowMs)
  }

  within<T>(take: () => T): T {
    return this.#within(this, take)
  }

  lose(): void {
    this.#lost = true
  }

  begin(): Promise<void> {
    return this.#steps.start()
  }

  async end(): Promise<void> {
    await this.#steps.stop()
    this.pipeline.features.close()
  }
}
