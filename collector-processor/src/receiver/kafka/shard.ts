import type { StreamClock } from './stream-clock.ts'

/** A part of what is read that goes on by itself in time: all partitions together, or each of them. */
export interface Shard {
  readonly clock: StreamClock
  /** Ends all steps up to this time. */
  step(nowMs: number): void
  /** Up to when steps have ended. */
  readonly steppedMs: number
  /** Until when the effects of what was taken are on their way to where they are stored. */
  readonly settledMs: number
  /** The message at this offset of its partition is taken next. */
  taking(offset: number): void
  /** All messages before this offset were taken. */
  taken(offset: number): void
  /** Does this with what comes meanwhile taken for its own. */
  within<T>(take: () => T): T
  /**
   * Ends no step any more: what comes from now on is for whoever reads its partition next, and time must not pass without it.
   */
  halt(): void
  readonly halted: boolean
  /** Another process has it by now: nothing that comes of it can be stored any more. */
  readonly lost: boolean
}

/** A partition that is to be read. */
export interface ShardPlace {
  /** Another one when the topic is deleted and made again. */
  readonly source: string
  readonly topic: string
  readonly partition: number
}

/** Which shard a partition is of, and whose. */
export interface Shards {
  /** To be called before the committed offset is asked for. Rejects while the store cannot be asked. */
  begin(place: ShardPlace): Promise<Shard>
  /** Whether nobody took it over while this process was out of the group. Rejects likewise. */
  holds(shard: Shard): Promise<boolean>
  /** The partition is read no more. Never rejects. */
  end(shard: Shard): Promise<void>
  /** The group gives nothing to read. */
  idle(): void
  /** The group is left: nothing can be read. @param stopped and will not be, by this process */
  away(stopped: boolean): void
  /** ms that the time of windows is behind the wall clock, where it is most. */
  readonly delayMs: number
}

/** One shard for all partitions: nobody else reads them into this store. */
export function oneShard(parts: {
  readonly clock: StreamClock
  readonly step: (nowMs: number) => void
  readonly steppedMs: () => number
}): Shards {
  const { clock, step, steppedMs } = parts
  const shard: Shard = {
    clock,
    step,
    get steppedMs() {
      return steppedMs()
    },
    get settledMs() {
      return steppedMs()
    },
    taking: () => {},
    taken: () => {},
    within: (take) => take(),
    halt: () => {},
    halted: false,
    lost: false,
  }
  return {
    begin: async () => shard,
    holds: async () => true,
    end: async () => {},
    idle: () => clock.catchUp(),
    away: () => clock.fallBehind(),
    get delayMs() {
      return clock.delayMs
    },
  }
}
