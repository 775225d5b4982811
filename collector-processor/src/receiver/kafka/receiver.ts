import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises'
import type { Component, Logger } from '@adf/service'
import type { BaseOptions } from '@platformatic/kafka'
import type { Registry } from 'prom-client'
import { faultInWords } from '../../kafka/connection.ts'
import { DeadLetters } from './dead-letters.ts'
import { Group } from './group.ts'
import type { Handle } from './handle.ts'
import type { Content, KafkaMessage, Outcome } from './message.ts'
import { createKafkaMetrics, type KafkaMetrics } from './metrics.ts'
import { nextOf, Partition } from './partition.ts'
import type { StreamClock } from './stream-clock.ts'

/** Messages are taken for so long before others get their turn. */
const HELD_MS = 10
const PAUSE_MS = 50
const [SOONEST_RETRY_MS, LATEST_RETRY_MS] = [250, 5000]
const LOOK_FOR_TOPICS_MS = 5000

export interface KafkaReceiverOptions {
  readonly connection: BaseOptions
  readonly groupId: string
  /** By topic. */
  readonly topics: ReadonlyMap<string, Content>
  readonly deadLetters: string
  readonly maxDeadLetters: number
  readonly maxBuffered: number
  readonly clock: StreamClock
  readonly handle: Handle
  /** Ends all steps up to this time. */
  readonly step: (nowMs: number) => void
  /** Up to when steps have ended. */
  readonly steppedMs: () => number
  /** For how long after it was taken the effects of a message may be still to come. */
  readonly holdMs: (content: Content) => number
  /** Why nothing can be stored now. */
  readonly storeFault: () => string | undefined
  /** Stores all that came of what was taken; rejects when it cannot. */
  readonly effects: () => Promise<void>
  readonly commitEveryMs: number
  readonly registry: Registry
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

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
  readonly #metrics: KafkaMetrics
  readonly #deadLetters: DeadLetters
  readonly #partitions = new Map<string, Partition>()
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #group: Group | undefined
  #missing: readonly string[] = []
  #lookedMs = 0
  #fault: string | undefined = 'connecting'
  #paused: 'store' | 'dead_letters' | 'room' | undefined
  #committing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: KafkaReceiverOptions) {
    this.#options = options
    this.#deadLetters = new DeadLetters({
      topic: options.deadLetters,
      connection: options.connection,
      failed: (error) =>
        options.log.warn({ topic: options.deadLetters }, `dead letters wait: ${faultInWords(error)}`),
    })
    this.#metrics = createKafkaMetrics(options.registry, {
      partitions: () => this.#partitions.values(),
      connected: () => this.#group !== undefined,
      delayMs: () => options.clock.delayMs,
      deadLetters: () => this.#deadLetters.waiting,
    })
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
    if (this.#fault !== undefined) return `kafka: ${this.#fault}`
    if (this.#paused !== 'dead_letters') return undefined
    const { deadLetters } = this.#options
    return `kafka: ${this.#deadLetters.waiting} messages wait for the topic ${deadLetters}: ${faultInWords(this.#deadLetters.fault)}`
  }

  standing(): KafkaStanding {
    let lag = 0
    for (const partition of this.#partitions.values()) lag += partition.lag
    const letters = this.#deadLetters.fault
    return {
      group: this.#options.groupId,
      connected: this.#group !== undefined,
      lastError:
        this.#fault ?? (letters === undefined ? undefined : `dead letters wait: ${faultInWords(letters)}`),
      missingTopics: this.#missing,
      partitions: this.#partitions.size,
      lag,
      delayMs: this.#options.clock.delayMs,
      deadLettersWaiting: this.#deadLetters.waiting,
    }
  }

  /** Commits what is settled. One commit runs at a time, others join it. Rejects when it could not. */
  commit(): Promise<void> {
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = undefined
    })
    return this.#committing
  }

  async #commit(): Promise<void> {
    const { steppedMs, holdMs, effects, log } = this.#options
    const nowMs = steppedMs()
    const due = [...this.#partitions.values()].flatMap((partition) => {
      const offset = partition.progress.settled(nowMs, holdMs(partition.content))
      return offset > partition.progress.committed ? [{ partition, offset }] : []
    })
    if (due.length === 0) return
    try {
      await effects()
      const group = this.#group
      if (group === undefined) throw new Error('not in the group')
      const owned = due.filter(({ partition: { topic, partition } }) => group.owns(topic, partition))
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

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let retryMs = SOONEST_RETRY_MS
    while (!signal.aborted) {
      try {
        await this.#member(() => {
          retryMs = SOONEST_RETRY_MS
        })
      } catch (error) {
        this.#lost(error)
        await this.#sleep(retryMs)
        retryMs = Math.min(retryMs * 2, LATEST_RETRY_MS)
      }
    }
    await this.#deadLetters.stop()
  }

  /** One membership of the group, to its fault or the stop. */
  async #member(joined: () => void): Promise<void> {
    const { topics, connection, groupId, log, clock } = this.#options
    const rebalanced = () => this.#metrics.rebalances.inc()
    const { group, missing } = await Group.join({ connection, groupId, rebalanced }, [...topics.keys()])
    try {
      this.#group = group
      this.#fault = undefined
      this.#lookedMs = performance.now()
      this.#tellMissing(missing)
      log.info({ group: groupId, topics: topics.size - missing.length }, 'reading from Kafka')
      joined()
      while (!this.#stopping.signal.aborted) {
        await this.#lookForTopics(group)
        await this.#reconcile(group)
        await this.#fetch(group)
        await this.#takeAll(group)
      }
      await this.commit().catch(() => {})
    } finally {
      clock.fallBehind()
      this.#group = undefined
      await group.close()
    }
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

  /** Begins with the partitions that came, and lets go of those that went. */
  async #reconcile(group: Group): Promise<void> {
    const assigned = await group.assigned()
    const keys = new Set(assigned.map(({ topic, partition }) => `${topic}/${partition}`))
    for (const key of [...this.#partitions.keys()]) if (!keys.has(key)) this.#partitions.delete(key)
    for (const one of assigned) {
      const key = `${one.topic}/${one.partition}`
      const content = this.#options.topics.get(one.topic)
      const known = this.#partitions.get(key)
      if (content === undefined) continue
      const fresh = known === undefined || known.source !== `${one.topicId}/${one.partition}`
      if (!fresh && known.group === group) continue
      const position = await group.begin(one)
      // What was taken before the connection was lost has its effects here already, unless somebody else went on from there.
      if (!fresh && position <= known.progress.taken) known.group = group
      else {
        const partition = new Partition({ ...one, content, position, group })
        this.#partitions.set(key, partition)
        this.#metrics.rebalances.inc()
        this.#options.clock.fallBehind()
      }
    }
  }

  async #fetch(group: Group): Promise<void> {
    const partitions = [...this.#partitions.values()]
    const share = this.#options.maxBuffered / Math.max(1, partitions.length)
    const wanted = partitions.filter(({ bytes, head }) => head === undefined || bytes < share / 2)
    if (wanted.length === 0) {
      if (partitions.length === 0) this.#options.clock.catchUp()
      await this.#sleep(PAUSE_MS)
      return
    }
    const fetched = await group.fetch(wanted)
    for (const { wish, messages, position, end, expired } of fetched) {
      const partition = this.#partitions.get(`${wish.topic}/${wish.partition}`)
      if (partition === undefined || partition.position !== wish.position) continue
      if (expired && position > partition.position) {
        const lost = position - partition.position
        this.#metrics.expired.inc({ topic: partition.topic }, lost)
        this.#options.log.error(
          { topic: partition.topic, partition: partition.partition, messages: lost },
          'the broker deleted messages before they were read',
        )
      }
      partition.position = position
      partition.end = expired ? Number.POSITIVE_INFINITY : end
      for (const message of messages) partition.add(message)
      if (messages.length > 0) this.#options.clock.fallBehind()
    }
  }

  async #takeAll(group: Group): Promise<void> {
    let since = performance.now()
    for (;;) {
      const partition = nextOf(this.#partitions.values())
      const message = partition?.head
      if (partition === undefined || message === undefined) break
      if (!group.owns(partition.topic, partition.partition)) {
        this.#partitions.delete(`${partition.topic}/${partition.partition}`)
        continue
      }
      if (this.#pauses(this.#blocked() ?? this.#take(partition, message))) {
        await this.#sleep(PAUSE_MS)
        return
      }
      if (performance.now() - since < HELD_MS) continue
      await breathe()
      if (this.#stopping.signal.aborted) return
      since = performance.now()
    }
    if ([...this.#partitions.values()].every(({ atEnd, head }) => atEnd && head === undefined))
      this.#options.clock.catchUp()
  }

  #blocked(): 'store' | 'dead_letters' | undefined {
    if (this.#options.storeFault() !== undefined) return 'store'
    return this.#deadLetters.waiting >= this.#options.maxDeadLetters ? 'dead_letters' : undefined
  }

  #pauses(reason: 'store' | 'dead_letters' | 'room' | undefined): boolean {
    if (reason !== undefined && reason !== this.#paused) this.#metrics.pauses.inc({ reason })
    this.#paused = reason
    return reason !== undefined
  }

  /** Takes one message, or says why it cannot now. */
  #take(partition: Partition, message: KafkaMessage): 'room' | undefined {
    const { clock, step, handle } = this.#options
    const atMs = clock.reach(message.timestampMs)
    step(atMs)
    const outcome: Outcome = handle.take(partition.content, partition.source, message)
    if (outcome === 'wait') return 'room'
    const { topic, progress } = partition
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
    partition.shift()
    this.#metrics.messages.inc({ topic })
    this.#metrics.bytes.inc({ topic }, message.value.length)
    return undefined
  }

  /** Shorter when it is stopped. */
  async #sleep(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }
}
