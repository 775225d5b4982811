import { faultInWords } from '../../kafka/connection.ts'
import type { Group } from './group.ts'
import type { KafkaMetrics } from './metrics.ts'
import type { KafkaReceiverOptions } from './options.ts'
import type { Partitions } from './partitions.ts'

/** Commits what is settled, once all that came of it is stored. */
export class Committing {
  readonly #options: Pick<KafkaReceiverOptions, 'holdMs' | 'effects' | 'log'>
  readonly #partitions: Partitions
  readonly #metrics: KafkaMetrics
  readonly #group: () => Group | undefined
  #running: Promise<void> | undefined

  /** @param group the membership of now */
  constructor(
    options: Pick<KafkaReceiverOptions, 'holdMs' | 'effects' | 'log'>,
    parts: { partitions: Partitions; metrics: KafkaMetrics; group: () => Group | undefined },
  ) {
    this.#options = options
    this.#partitions = parts.partitions
    this.#metrics = parts.metrics
    this.#group = parts.group
  }

  /** One commit runs at a time, others join it. Rejects when it could not. */
  commit(): Promise<void> {
    this.#running ??= this.#commit().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #commit(): Promise<void> {
    const { holdMs, effects, log } = this.#options
    const due = [...this.#partitions].flatMap((partition) => {
      const { shard, content, progress } = partition
      const offset = progress.settled(shard.settledMs, holdMs(content))
      return offset > progress.committed ? [{ partition, offset }] : []
    })
    if (due.length === 0) return
    try {
      await effects()
      const group = this.#group()
      if (group === undefined) throw new Error('not in the group')
      // Of a shard that was lost nothing was stored.
      const owned = due.filter(
        ({ partition }) =>
          !partition.shard.lost &&
          this.#partitions.get(partition) === partition &&
          group.owns(partition.topic, partition.partition),
      )
      if (owned.length > 0)
        await group.commit(
          owned.map(({ partition: { topic, partition }, offset }) => ({ topic, partition, offset })),
        )
      for (const { partition, offset } of owned) partition.progress.commit(offset)
      this.#metrics.commits.inc({ outcome: 'committed' })
    } catch (error) {
      this.#metrics.commits.inc({ outcome: 'failed' })
      log.warn(`offsets are not committed, tried again later: ${faultInWords(error)}`)
      throw error
    }
  }
}
