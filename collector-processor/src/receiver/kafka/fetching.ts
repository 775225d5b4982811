import type { Group } from './group.ts'
import type { KafkaMetrics } from './metrics.ts'
import type { KafkaReceiverOptions } from './options.ts'
import type { Partitions } from './partitions.ts'

/** Reads ahead: each partition by itself, as far as its share of the room for messages goes. */
export class Fetching {
  readonly #options: Pick<KafkaReceiverOptions, 'maxBuffered' | 'log'>
  readonly #partitions: Partitions
  readonly #metrics: KafkaMetrics

  constructor(
    options: Pick<KafkaReceiverOptions, 'maxBuffered' | 'log'>,
    partitions: Partitions,
    metrics: KafkaMetrics,
  ) {
    this.#options = options
    this.#partitions = partitions
    this.#metrics = metrics
  }

  async fetch(group: Group): Promise<void> {
    const partitions = this.#partitions
    const share = this.#options.maxBuffered / Math.max(1, partitions.size)
    const wanted = [...partitions].filter(({ bytes, head }) => head === undefined || bytes < share / 2)
    if (wanted.length === 0) return
    for (const { wish, messages, position, end, expired } of await group.fetch(wanted)) {
      const partition = partitions.get(wish)
      if (partition === undefined || partition.position !== wish.position) continue
      if (expired && position > partition.position) {
        const { topic } = partition
        const lost = position - partition.position
        this.#metrics.expired.inc({ topic }, lost)
        this.#options.log.error(
          { topic, partition: partition.partition, messages: lost },
          'the broker deleted messages before they were read',
        )
      }
      partition.position = position
      partition.end = expired ? Number.POSITIVE_INFINITY : end
      for (const message of messages) partition.add(message)
      if (messages.length > 0) partition.shard.clock.fallBehind()
    }
  }
}
