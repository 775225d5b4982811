import { setTimeout as wait } from 'node:timers/promises'
import type { Component } from '@adf/service'
import { type BaseOptions, Consumer, FetchIsolationLevels } from '@platformatic/kafka'
import { faultInWords } from '../../kafka/connection.ts'
import { readFetched } from '../../receiver/kafka/fetched.ts'
import type { KafkaMessage } from '../../receiver/kafka/message.ts'

const PARTITION = 0
const MAX_WAIT_MS = 100
const BYTES = 2 ** 20
const RETRY_MS = 500
const EARLIEST = -2n
const LATEST = -1n

export interface TopicReaderOptions {
  readonly topic: string
  readonly connection: BaseOptions
  /** For the client only: no group is joined. */
  readonly groupId: string
  /** Messages before this time are not read. */
  readonly sinceMs: () => number
  readonly take: (messages: readonly KafkaMessage[]) => void
  readonly failed: (words: string) => void
}

/**
 * Reads a topic of one partition from some time ago on, for this process alone: in no group, and nothing is committed. After a fault it goes
 * on where it was.
 */
export class TopicReader implements Component {
  readonly name = 'edges.reader'
  readonly #options: TopicReaderOptions
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #place: { readonly topicId: string; position: number } | undefined
  #fault: string | undefined
  #caughtUp = false

  constructor(options: TopicReaderOptions) {
    this.#options = options
  }

  /** Why nothing is read now, in words. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** It has read all there was at some time. */
  get caughtUp(): boolean {
    return this.#caughtUp
  }

  async start(): Promise<void> {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const { connection, groupId } = this.#options
      const consumer = new Consumer({ ...connection, groupId, autocommit: false })
      try {
        while (!signal.aborted) await this.#read(consumer)
      } catch (error) {
        this.#tell(faultInWords(error))
      }
      await consumer.close(true).catch(() => {})
      await wait(RETRY_MS, undefined, { signal }).catch(() => {})
    }
  }

  async #read(consumer: Consumer): Promise<void> {
    const { topic, take } = this.#options
    const found = (await consumer.metadata({ topics: [topic] })).topics.get(topic)
    const partitions = found === undefined ? 0 : Object.keys(found.partitions).length
    if (found === undefined || partitions === 0) throw new Error(`Unknown topic ${topic}`)
    if (partitions !== 1) throw new Error(`the topic ${topic} has ${partitions} partitions; it must have one`)
    if (this.#place?.topicId !== found.id)
      this.#place = { topicId: found.id, position: await this.#begin(consumer) }
    const place = this.#place
    const answer = await consumer.fetch({
      node: found.partitions[PARTITION]?.leader ?? -1,
      ...{ maxWaitTime: MAX_WAIT_MS, minBytes: 1, maxBytes: BYTES },
      isolationLevel: FetchIsolationLevels.READ_COMMITTED,
      topics: [
        {
          topicId: place.topicId,
          partitions: [
            {
              partition: PARTITION,
              fetchOffset: BigInt(place.position),
              partitionMaxBytes: BYTES,
              currentLeaderEpoch: -1,
              lastFetchedEpoch: -1,
            },
          ],
        },
      ],
    })
    const wish = { topic, partition: PARTITION, topicId: place.topicId, position: place.position }
    const [fetched] = readFetched(answer, [wish])
    if (fetched === undefined) return
    if (fetched.expired) {
      place.position = await this.#offset(consumer, EARLIEST)
      return
    }
    place.position = fetched.position
    take(fetched.messages)
    if (fetched.position >= fetched.end) this.#caughtUp = true
    this.#fault = undefined
  }

  async #begin(consumer: Consumer): Promise<number> {
    const offset = await this.#offset(consumer, BigInt(Math.floor(this.#options.sinceMs())))
    // Nothing is younger.
    return offset >= 0 ? offset : this.#offset(consumer, LATEST)
  }

  async #offset(consumer: Consumer, timestamp: bigint): Promise<number> {
    const { topic } = this.#options
    const offsets = await consumer.listOffsets({
      topics: [topic],
      partitions: { [topic]: [PARTITION] },
      timestamp,
    })
    return Number(offsets.get(topic)?.[PARTITION] ?? -1n)
  }

  #tell(words: string): void {
    if (this.#fault !== words) this.#options.failed(words)
    this.#fault = words
  }
}
