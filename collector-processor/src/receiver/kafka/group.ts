import { setTimeout as sleep } from 'node:timers/promises'
import { type BaseOptions, Consumer, FetchIsolationLevels, UserError } from '@platformatic/kafka'
import { type Assigned, type Fetched, type FetchResponse, type FetchWish, readFetched } from './fetched.ts'

/** How long a broker may wait for something to send. */
const MAX_WAIT_MS = 250
/** Of one partition in one answer, unless its first batch is larger: what is behind gets its share whatever the others have. */
const PARTITION_BYTES = 2 ** 20
const ANSWER_BYTES = 16 * 2 ** 20
/** Without a heartbeat that was answered for so long the group has given its partitions to others. */
const SILENT_MS = 30_000
/** How long the partitions that are taken away may be kept, to commit. */
const REBALANCE_MS = 60_000
const CLOSE_MS = 3000

export interface GroupOptions {
  readonly connection: BaseOptions
  readonly groupId: string
  readonly rebalanced: () => void
}

/**
 * Membership of a consumer group (KIP-848) for as long as it lasts: after a fault it is closed, and another one made. It reads by itself what
 * the group gives it, and not by the stream of the client, so that each partition can be paused, and partitions be read side by side in time.
 */
export class Group {
  readonly #consumer: Consumer
  #fault: Error | undefined
  #heartbeatMs: number

  private constructor(consumer: Consumer, nowMs: number) {
    this.#consumer = consumer
    this.#heartbeatMs = nowMs
  }

  /** Joins for those of the topics that there are. Rejects when no broker can be reached, or the group cannot be joined. */
  static async join(
    { connection, groupId, rebalanced }: GroupOptions,
    topics: readonly string[],
  ): Promise<{ group: Group; missing: string[] }> {
    const consumer = new Consumer({
      ...connection,
      groupId,
      groupProtocol: 'consumer',
      rebalanceTimeout: REBALANCE_MS,
      autocommit: false,
    })
    const group = new Group(consumer, performance.now())
    consumer.on('consumer:group:rebalance', rebalanced)
    consumer.on('consumer:heartbeat:end', () => {
      group.#heartbeatMs = performance.now()
    })
    consumer.on('consumer:heartbeat:error', ({ error }) => {
      // An answer, and no lost connection: the group knows this member no more.
      if ('response' in error) group.#fault ??= error
    })
    try {
      const missing = await group.missing(topics)
      const there = topics.filter((topic) => !missing.includes(topic))
      if (there.length > 0) await group.add(there)
      return { group, missing }
    } catch (error) {
      await group.close()
      throw error
    }
  }

  /** Those of the topics that are not there. */
  async missing(topics: readonly string[]): Promise<string[]> {
    const missing: string[] = []
    for (const topic of topics) {
      try {
        await this.#consumer.metadata({ topics: [topic], forceUpdate: true })
      } catch (error) {
        if (!(error instanceof UserError && error.message.startsWith('Unknown topic'))) throw error
        missing.push(topic)
      }
    }
    return missing
  }

  /** Reads these too; the group learns of it by the next heartbeat. */
  async add(topics: readonly string[]): Promise<void> {
    const first = this.#consumer.topics.size === 0
    this.#consumer.topics.trackAll(...topics)
    if (first) await this.#join(topics)
  }

  /** What this process is to read now. Throws when it is in the group no more. */
  async assigned(): Promise<Assigned[]> {
    if (this.#fault !== undefined) throw this.#fault
    if (this.#consumer.topics.size === 0) return []
    if (performance.now() - this.#heartbeatMs > SILENT_MS)
      throw new Error(`no heartbeat of the group was answered for ${SILENT_MS / 1000} s`)
    const assignments = this.#consumer.assignments ?? []
    if (assignments.length === 0) return []
    const { topics } = await this.#consumer.metadata({ topics: assignments.map(({ topic }) => topic) })
    return assignments.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition, topicId: topics.get(topic)?.id ?? topic })),
    )
  }

  /** Whether it still is this process that reads a partition. */
  owns(topic: string, partition: number): boolean {
    return (
      this.#consumer.assignments?.some((one) => one.topic === topic && one.partitions.includes(partition)) ??
      false
    )
  }

  /** Offset to begin with: the committed one, else the first there is. */
  async begin({ topic, partition }: Assigned): Promise<number> {
    const committed = await this.#consumer.listCommittedOffsets({
      topics: [{ topic, partitions: [partition] }],
    })
    const offset = committed.get(topic)?.[partition] ?? -1n
    if (offset >= 0n) return Number(offset)
    return this.#earliest(topic, partition)
  }

  /** One answer of each broker that has some of these. */
  async fetch(wishes: readonly FetchWish[]): Promise<Fetched[]> {
    const { topics } = await this.#consumer.metadata({
      topics: [...new Set(wishes.map(({ topic }) => topic))],
    })
    const leader = ({ topic, partition }: FetchWish) => topics.get(topic)?.partitions[partition]?.leader ?? -1
    const answers = await Promise.all(
      [...Map.groupBy(wishes, leader)].map(async ([node, those]) => ({
        those,
        answer: await this.#ask(node, those),
      })),
    )
    const fetched = answers.flatMap(({ those, answer }) => readFetched(answer, those))
    for (const one of fetched) {
      if (one.expired) one.position = await this.#earliest(one.wish.topic, one.wish.partition)
    }
    return fetched
  }

  async commit(offsets: readonly { topic: string; partition: number; offset: number }[]): Promise<void> {
    await this.#consumer.commit({
      offsets: offsets.map(({ topic, partition, offset }) => ({
        topic,
        partition,
        offset: BigInt(offset),
        leaderEpoch: -1,
      })),
    })
  }

  /** Leaves the group, if a broker answers in time. Never rejects. */
  async close(): Promise<void> {
    const late = new AbortController()
    const closed = this.#consumer.close(true).catch(() => {})
    await Promise.race([closed, sleep(CLOSE_MS, undefined, { signal: late.signal }).catch(() => {})])
    late.abort()
  }

  /** The client joins when it consumes, and stays in the group when that stream, which reads nothing, is closed. */
  async #join(topics: readonly string[]): Promise<void> {
    const stream = await this.#consumer.consume({
      topics: [...topics],
      mode: 'manual',
      offsets: [],
      autocommit: false,
    })
    this.#heartbeatMs = performance.now()
    await stream.close()
  }

  async #ask(node: number, wishes: readonly FetchWish[]): Promise<FetchResponse> {
    try {
      return await this.#consumer.fetch({
        node,
        maxWaitTime: MAX_WAIT_MS,
        minBytes: 1,
        maxBytes: ANSWER_BYTES,
        isolationLevel: FetchIsolationLevels.READ_COMMITTED,
        topics: [...Map.groupBy(wishes, ({ topicId }) => topicId)].map(([topicId, those]) => ({
          topicId,
          partitions: those.map(({ partition, position }) => ({
            partition,
            fetchOffset: BigInt(position),
            partitionMaxBytes: PARTITION_BYTES,
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
          })),
        })),
      })
    } catch (error) {
      const answer = answerOf(error)
      if (answer === undefined) throw error
      return answer
    }
  }

  async #earliest(topic: string, partition: number): Promise<number> {
    const offsets = await this.#consumer.listOffsets({
      topics: [topic],
      partitions: { [topic]: [partition] },
      timestamp: -2n,
    })
    const offset = offsets.get(topic)?.[partition]
    if (offset === undefined) throw new Error(`the first offset of ${topic}/${partition} is not known`)
    return Number(offset)
  }
}

const OFFSET_OUT_OF_RANGE = 1

/** The answer when all that is wrong with it is that offsets are out of range; the others of its partitions are as good as ever. */
function answerOf(error: unknown): FetchResponse | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined
  const { response } = error as { response?: FetchResponse }
  if (response === undefined || response.errorCode !== 0) return undefined
  const codes = response.responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))
  return codes.every((code) => code === 0 || code === OFFSET_OUT_OF_RANGE) ? response : undefined
}
