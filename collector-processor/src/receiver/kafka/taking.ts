import { setImmediate as breathe } from 'node:timers/promises'
import type { DeadLetters } from './dead-letters.ts'
import type { Group } from './group.ts'
import type { KafkaMessage, Outcome } from './message.ts'
import type { KafkaMetrics } from './metrics.ts'
import type { KafkaReceiverOptions } from './options.ts'
import { nextOf, type Partition } from './partition.ts'
import type { Partitions } from './partitions.ts'
import type { Shard } from './shard.ts'

/** Messages are taken for so long before others get their turn. */
const HELD_MS = 10

export type PauseReason = 'store' | 'dead_letters' | 'room'

/** Hands in what was read ahead: in each shard the oldest message first, so that its partitions go on side by side in time. */
export class Taking {
  readonly #options: Pick<KafkaReceiverOptions, 'handle' | 'storeFault' | 'maxDeadLetters'>
  readonly #partitions: Partitions
  readonly #deadLetters: DeadLetters
  readonly #metrics: KafkaMetrics
  #paused: PauseReason | undefined

  constructor(
    options: Pick<KafkaReceiverOptions, 'handle' | 'storeFault' | 'maxDeadLetters'>,
    parts: { partitions: Partitions; deadLetters: DeadLetters; metrics: KafkaMetrics },
  ) {
    this.#options = options
    this.#partitions = parts.partitions
    this.#deadLetters = parts.deadLetters
    this.#metrics = parts.metrics
  }

  /** Why nothing more is taken now. */
  get paused(): PauseReason | undefined {
    return this.#paused
  }

  /** Takes all that can be; false when it had to pause. */
  async takeAll(group: Group, signal: AbortSignal): Promise<boolean> {
    for (const [shard, partitions] of this.#partitions.byShard())
      if (!(await this.#takeShard(group, shard, partitions, signal))) return false
    return true
  }

  async #takeShard(
    group: Group,
    shard: Shard,
    partitions: readonly Partition[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const read = new Set(partitions)
    for (let since = performance.now(); ; ) {
      const partition = nextOf(read)
      const message = partition?.head
      if (partition === undefined || message === undefined) break
      if (shard.lost || !group.owns(partition.topic, partition.partition)) {
        // The next look at what the group gives lets go of it.
        shard.halt()
        read.delete(partition)
        continue
      }
      if (this.#pauses(this.#blocked() ?? this.#take(partition, message))) return false
      if (performance.now() - since < HELD_MS) continue
      await breathe()
      if (signal.aborted) return true
      since = performance.now()
    }
    if (partitions.every(({ atEnd, head }) => atEnd && head === undefined)) shard.clock.catchUp()
    return true
  }

  #blocked(): PauseReason | undefined {
    if (this.#options.storeFault() !== undefined) return 'store'
    return this.#deadLetters.waiting >= this.#options.maxDeadLetters ? 'dead_letters' : undefined
  }

  #pauses(reason: PauseReason | undefined): boolean {
    if (reason !== undefined && reason !== this.#paused) this.#metrics.pauses.inc({ reason })
    this.#paused = reason
    return reason !== undefined
  }

  /** Takes one message, or says why it cannot now. */
  #take(partition: Partition, message: KafkaMessage): 'room' | undefined {
    const { shard, content, source, topic, progress } = partition
    const atMs = shard.clock.reach(message.timestampMs)
    shard.step(atMs)
    shard.taking(message.offset)
    const outcome: Outcome = shard.within(() => this.#options.handle.take(content, source, message))
    if (outcome === 'wait') return 'room'
    if (outcome !== 'taken') {
      this.#metrics.deadLetters.inc({ topic, reason: outcome.reason })
      progress.putAside(message.offset)
      this.#deadLetters.add({
        topic,
        partition: partition.partition,
        message,
        poison: outcome,
        arrived: () => progress.arrived(message.offset),
      })
    }
    progress.take(message.offset, atMs)
    shard.taken(message.offset + 1)
    partition.shift()
    this.#metrics.messages.inc({ topic })
    this.#metrics.bytes.inc({ topic }, message.value.length)
    return undefined
  }
}
