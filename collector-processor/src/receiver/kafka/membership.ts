import { setTimeout as wait } from 'node:timers/promises'
import { faultInWords } from '../../kafka/connection.ts'
import { Group } from './group.ts'
import type { KafkaMetrics } from './metrics.ts'
import type { KafkaReceiverOptions } from './options.ts'

const [SOONEST_RETRY_MS, LATEST_RETRY_MS] = [250, 5000]
const LOOK_FOR_TOPICS_MS = 5000

/** Is in the group for as long as brokers answer, joins again when it was left by a fault, and adds topics as they come to be. */
export class Membership {
  readonly #options: Pick<KafkaReceiverOptions, 'connection' | 'groupId' | 'topics' | 'log'>
  readonly #metrics: KafkaMetrics
  #group: Group | undefined
  #missing: readonly string[] = []
  #lookedMs = 0
  #fault: string | undefined = 'connecting'

  constructor(
    options: Pick<KafkaReceiverOptions, 'connection' | 'groupId' | 'topics' | 'log'>,
    metrics: KafkaMetrics,
  ) {
    this.#options = options
    this.#metrics = metrics
  }

  get group(): Group | undefined {
    return this.#group
  }

  /** Topics that are not there. */
  get missing(): readonly string[] {
    return this.#missing
  }

  /** Why it is not in the group, in words. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Until the signal: `work` again and again while in the group, `leaving` once before it is left, however that comes. */
  async run(
    signal: AbortSignal,
    work: (group: Group) => Promise<void>,
    leaving: (stopped: boolean) => Promise<void>,
  ): Promise<void> {
    let retryMs = SOONEST_RETRY_MS
    while (!signal.aborted) {
      try {
        const group = await this.#join()
        retryMs = SOONEST_RETRY_MS
        let stopped = false
        try {
          while (!signal.aborted) {
            await this.#lookForTopics(group)
            await work(group)
          }
          stopped = true
        } finally {
          await leaving(stopped)
          this.#group = undefined
          await group.close()
        }
      } catch (error) {
        this.#lost(error)
        await wait(retryMs, undefined, { signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, LATEST_RETRY_MS)
      }
    }
  }

  async #join(): Promise<Group> {
    const { topics, connection, groupId, log } = this.#options
    const rebalanced = () => this.#metrics.rebalances.inc()
    const { group, missing } = await Group.join({ connection, groupId, rebalanced }, [...topics.keys()])
    this.#group = group
    this.#fault = undefined
    this.#lookedMs = performance.now()
    this.#tellMissing(missing)
    log.info({ group: groupId, topics: topics.size - missing.length }, 'reading from Kafka')
    return group
  }

  #lost(error: unknown): void {
    const words = faultInWords(error)
    if (this.#fault === undefined) this.#metrics.disconnects.inc()
    if (this.#fault !== words)
      this.#options.log.warn({ brokers: this.#options.connection.bootstrapBrokers }, `no Kafka: ${words}`)
    this.#fault = words
  }

  #tellMissing(missing: readonly string[]): void {
    const news = missing.filter((topic) => !this.#missing.includes(topic))
    if (news.length > 0)
      this.#options.log.warn(
        { topics: news },
        'these topics do not exist; they are read as soon as they do. Name other ones in kafka.topics, or none',
      )
    this.#missing = missing
  }

  async #lookForTopics(group: Group): Promise<void> {
    if (this.#missing.length === 0 || performance.now() - this.#lookedMs < LOOK_FOR_TOPICS_MS) return
    this.#lookedMs = performance.now()
    const missing = await group.missing(this.#missing)
    const found = this.#missing.filter((topic) => !missing.includes(topic))
    if (found.length === 0) return
    this.#options.log.info({ topics: found }, 'these topics exist now')
    this.#tellMissing(missing)
    await group.add(found)
  }
}
