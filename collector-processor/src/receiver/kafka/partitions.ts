import { faultInWords } from '../../kafka/connection.ts'
import type { Assigned } from './fetched.ts'
import type { Group } from './group.ts'
import type { KafkaMetrics } from './metrics.ts'
import type { KafkaReceiverOptions } from './options.ts'
import { Partition } from './partition.ts'
import type { Shard } from './shard.ts'

const keyOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`

/** The partitions that this process reads: begins with those that the group gives it, and lets go of those that it takes away. */
export class Partitions {
  readonly #options: Pick<KafkaReceiverOptions, 'topics' | 'shards' | 'log'>
  readonly #metrics: KafkaMetrics
  readonly #partitions = new Map<string, Partition>()
  #fault: string | undefined

  constructor(options: Pick<KafkaReceiverOptions, 'topics' | 'shards' | 'log'>, metrics: KafkaMetrics) {
    this.#options = options
    this.#metrics = metrics
  }

  get size(): number {
    return this.#partitions.size
  }

  /** Why a partition that the group gave cannot be begun with. */
  get fault(): string | undefined {
    return this.#fault
  }

  [Symbol.iterator](): IterableIterator<Partition> {
    return this.#partitions.values()
  }

  get(place: { topic: string; partition: number }): Partition | undefined {
    return this.#partitions.get(keyOf(place))
  }

  /** By shard. */
  byShard(): Map<Shard, Partition[]> {
    return Map.groupBy(this, ({ shard }) => shard)
  }

  /** Makes them those of the group; false when that could not be done for want of the store. */
  async follow(group: Group): Promise<boolean> {
    const assigned = await group.assigned()
    const keys = new Set(assigned.map(keyOf))
    const gone = [...this].filter((one) => !keys.has(keyOf(one)) || one.shard.lost || one.shard.halted)
    // At once: nobody else can go on with them sooner than they are given back.
    await Promise.all(gone.map((one) => this.drop(one)))
    // Side by side: some wait for what others wrote of them.
    const tried = await Promise.allSettled(assigned.map((one) => this.#begin(one, group)))
    for (const one of tried) if (one.status === 'rejected') throw one.reason
    const begun = tried.every((one) => one.status === 'fulfilled' && one.value)
    if (begun) this.#fault = undefined
    return begun
  }

  /** Lets go of a partition. */
  async drop(partition: Partition): Promise<void> {
    if (this.get(partition) === partition) this.#partitions.delete(keyOf(partition))
    const { shard } = partition
    if (![...this].some((other) => other.shard === shard)) await this.#options.shards.end(shard)
  }

  async #begin(one: Assigned, group: Group): Promise<boolean> {
    const content = this.#options.topics.get(one.topic)
    const known = this.get(one)
    if (content === undefined) return true
    const source = `${one.topicId}/${one.partition}`
    const fresh = known === undefined || known.source !== source
    if (!fresh && known.group === group) return true
    const { shards } = this.#options
    let shard: Shard
    let goesOn: boolean
    try {
      goesOn = !fresh && (await shards.holds(known.shard))
      if (!goesOn && known !== undefined) await this.drop(known)
      shard = goesOn && known !== undefined ? known.shard : await shards.begin({ source, ...one })
    } catch (error) {
      this.#tell(error)
      return false
    }
    let position: number
    try {
      position = await group.begin(one)
    } catch (error) {
      if (!goesOn) await shards.end(shard)
      throw error
    }
    // What was taken before the connection was lost has its effects here already, unless somebody else went on from there.
    if (goesOn && known !== undefined && position <= known.progress.taken) known.group = group
    else {
      this.#partitions.set(keyOf(one), new Partition({ ...one, content, position, group, shard }))
      this.#metrics.rebalances.inc()
      shard.clock.fallBehind()
    }
    return true
  }

  #tell(error: unknown): void {
    const words = faultInWords(error)
    if (this.#fault !== words) this.#options.log.warn(`a partition cannot be begun with yet: ${words}`)
    this.#fault = words
  }
}
