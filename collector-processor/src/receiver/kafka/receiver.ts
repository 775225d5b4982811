import { setTimeout as wait } from 'node:timers/promises'
import type { Component } from '@adf/service'
import { faultInWords } from '../../kafka/connection.ts'
import { Committing } from './committing.ts'
import { DeadLetters } from './dead-letters.ts'
import { Fetching } from './fetching.ts'
import type { Group } from './group.ts'
import { Membership } from './membership.ts'
import { createKafkaMetrics } from './metrics.ts'
import type { KafkaReceiverOptions } from './options.ts'
import { Partitions } from './partitions.ts'
import { Taking } from './taking.ts'

const PAUSE_MS = 50

/** How it stands, for people. */
export interface KafkaStanding {
  readonly group: string
  readonly connected: boolean
  readonly lastError: string | undefined
  readonly missingTopics: readonly string[]
  readonly partitions: number
  readonly lag: number
  readonly delayMs: number
  readonly deadLettersWaiting: number
}

/**
 * Telemetry and events from Kafka, as one member of a consumer group. A message is committed once all that came of it is stored, so it is read
 * at least once; what is read again has no effect again. It never drops: what cannot be taken now waits, what never can goes to a topic of its
 * own. Brokers and topics may come and go at any time.
 */
export class KafkaReceiver implements Component {
  readonly name = 'receiver.kafka'
  readonly #options: KafkaReceiverOptions
  readonly #deadLetters: DeadLetters
  readonly #partitions: Partitions
  readonly #membership: Membership
  readonly #fetching: Fetching
  readonly #taking: Taking
  readonly #committing: Committing
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: KafkaReceiverOptions) {
    this.#options = options
    this.#deadLetters = new DeadLetters({
      topic: options.deadLetters,
      connection: options.connection,
      failed: (error) =>
        options.log.warn({ topic: options.deadLetters }, `dead letters wait: ${faultInWords(error)}`),
    })
    const metrics = createKafkaMetrics(options.registry, {
      partitions: () => this.#partitions,
      connected: () => this.#membership.group !== undefined,
      delayMs: () => options.shards.delayMs,
      deadLetters: () => this.#deadLetters.waiting,
    })
    this.#partitions = new Partitions(options, metrics)
    this.#membership = new Membership(options, metrics)
    const partitions = this.#partitions
    this.#fetching = new Fetching(options, partitions, metrics)
    this.#taking = new Taking(options, { partitions, deadLetters: this.#deadLetters, metrics })
    this.#committing = new Committing(options, { partitions, metrics, group: () => this.#membership.group })
  }

  async start(): Promise<void> {
    this.#running = this.#run()
    this.#timer = setInterval(() => void this.commit().catch(() => {}), this.#options.commitEveryMs)
  }

  /** Commits what is settled and leaves the group. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#running
  }

  /** Why it is not at work, in words. */
  fault(): string | undefined {
    const { fault } = this.#membership
    if (fault !== undefined) return `kafka: ${fault}`
    if (this.#partitions.fault !== undefined) return `kafka: a partition waits: ${this.#partitions.fault}`
    if (this.#taking.paused !== 'dead_letters') return undefined
    const { deadLetters } = this.#options
    return `kafka: ${this.#deadLetters.waiting} messages wait for the topic ${deadLetters}: ${faultInWords(this.#deadLetters.fault)}`
  }

  standing(): KafkaStanding {
    let lag = 0
    for (const partition of this.#partitions) lag += partition.lag
    const letters = this.#deadLetters.fault
    return {
      group: this.#options.groupId,
      connected: this.#membership.group !== undefined,
      lastError:
        this.#membership.fault ??
        (letters === undefined ? undefined : `dead letters wait: ${faultInWords(letters)}`),
      missingTopics: this.#membership.missing,
      partitions: this.#partitions.size,
      lag,
      delayMs: this.#options.shards.delayMs,
      deadLettersWaiting: this.#deadLetters.waiting,
    }
  }

  /** Commits what is settled. One commit runs at a time, others join it. Rejects when it could not. */
  commit(): Promise<void> {
    return this.#committing.commit()
  }

  async #run(): Promise<void> {
    await this.#membership.run(
      this.#stopping.signal,
      (group) => this.#work(group),
      async (stopped) => {
        // At once: time must not pass without what is not read any more.
        this.#options.shards.away(stopped)
        if (stopped) await this.commit().catch(() => {})
        // Before the group gives them to others.
        if (stopped) for (const partition of [...this.#partitions]) await this.#partitions.drop(partition)
      },
    )
    await this.#deadLetters.stop()
  }

  async #work(group: Group): Promise<void> {
    const begun = await this.#partitions.follow(group)
    const idle = this.#partitions.size === 0
    if (idle) this.#options.shards.idle()
    else await this.#fetching.fetch(group)
    const taken = await this.#taking.takeAll(group, this.#stopping.signal)
    if (idle || !begun || !taken) await this.#sleep(PAUSE_MS)
  }

  /** Shorter when it is stopped. */
  async #sleep(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }
}
