import type { Shard, ShardPlace, Shards } from '../receiver/kafka/shard.ts'
import type { StreamClock } from '../receiver/kafka/stream-clock.ts'
import type { Fence, ShardStore } from '../store/shard.ts'
import type { MemberShard } from './shard.ts'

export interface MemberShardsOptions {
  readonly member: string
  readonly store: Pick<ShardStore, 'take' | 'holds' | 'reach'>
  /** Makes a shard that does not work yet. Rejects when it cannot know where it stands. */
  readonly make: (place: ShardPlace, fence: Fence, clock: StreamClock) => Promise<MemberShard>
  readonly makeClock: () => StreamClock
  /** Saves what was learned in a shard, if that may still be, and forgets its entities. */
  readonly leave: (shard: MemberShard) => Promise<void>
  /** Stores what was found up to now; rejects when it cannot. */
  readonly stored: () => Promise<void>
  readonly wall: () => number
}

/** The shards that this process has, each by a fence. */
export class MemberShards implements Shards {
  readonly #options: MemberShardsOptions
  readonly #shards = new Set<MemberShard>()
  #current: MemberShard | undefined

  constructor(options: MemberShardsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#shards.size
  }

  [Symbol.iterator](): IterableIterator<MemberShard> {
    return this.#shards.values()
  }

  /** Whose telemetry is taken, or whose step is under way; undefined at all other times. */
  get current(): MemberShard | undefined {
    return this.#current
  }

  /** For shards that are made. */
  readonly within = <T>(shard: MemberShard, take: () => T): T => {
    const before = this.#current
    this.#current = shard
    try {
      return take()
    } finally {
      this.#current = before
    }
  }

  async begin(place: ShardPlace): Promise<Shard> {
    const { source, topic, partition } = place
    const { store, member, make, makeClock, wall } = this.#options
    const fence = await store.take(source, `${topic}/${partition}`, member, wall())
    const shard = await make(place, fence, makeClock())
    this.#shards.add(shard)
    await shard.begin()
    return shard
  }

  async holds(shard: Shard): Promise<boolean> {
    const own = this.#own(shard)
    return own !== undefined && !own.lost && this.#options.store.holds(own.fence)
  }

  async end(shard: Shard): Promise<void> {
    const own = this.#own(shard)
    if (own === undefined) return
    this.#shards.delete(own)
    await own.end()
    await this.#options.leave(own)
  }

  /** Somebody else has it: what is still found in it cannot be stored. */
  lose(shard: string): void {
    for (const own of this.#shards) if (own.fence.shard === shard) own.lose()
  }

  idle(): void {}

  away(stopped: boolean): void {
    for (const shard of this.#shards) {
      shard.clock.fallBehind()
      if (stopped) shard.halt()
    }
  }

  get delayMs(): number {
    let delayMs = 0
    for (const { clock } of this.#shards) delayMs = Math.max(delayMs, clock.delayMs)
    return delayMs
  }

  /** Tells others how far each has come: all that was found until then is stored. Rejects when it is not. */
  async tell(): Promise<void> {
    const { store, stored, wall } = this.#options
    const marks = [...this.#shards].flatMap(({ fence, lost, steppedMs }) =>
      lost || !Number.isFinite(steppedMs) ? [] : [{ fence, reachedMs: steppedMs }],
    )
    if (marks.length === 0) return
    await stored()
    const lost = await store.reach(marks, wall())
    for (const shard of this.#shards) if (lost.includes(shard.fence)) shard.lose()
  }

  #own(shard: Shard): MemberShard | undefined {
    for (const own of this.#shards) if (own === shard) return own
    return undefined
  }
}
