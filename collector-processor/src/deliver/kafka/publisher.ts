import { type Component, type Logger, recurring } from '@adf/service'
import { type BaseOptions, Producer } from '@platformatic/kafka'
import { Counter, Gauge, type Registry } from 'prom-client'
import { faultInWords } from '../../kafka/connection.ts'
import type { FollowerStore } from '../../store/store.ts'
import type { Publication } from './publication.ts'

const EVERY_MS = 1000
const PAGE = 500

export interface PublisherOptions {
  readonly publications: readonly Publication[]
  readonly followers: FollowerStore
  readonly connection: BaseOptions
  readonly registry: Registry
  readonly log: Pick<Logger, 'info' | 'warn'>
}

export interface PublisherStatus {
  readonly topic: string
  readonly reachable: boolean | undefined
  readonly lastSuccessMs: number | undefined
  readonly lastError: string | undefined
}

export interface Publisher extends Component {
  statuses(): readonly PublisherStatus[]
}

/**
 * Hands logs of the store on to topics, in order, and remembers in the store how far it came: an entry is there at least once, whatever ends in
 * between. While no broker takes them the entries wait in the store, for as long as retention leaves them there. The first start begins with
 * what comes from then on.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const { publications, connection, registry } = options
  const metrics = createMetrics(registry)
  const topics = publications.map((publication) => new Topic(publication, options, metrics))
  let producer: Producer | undefined
  const close = async () => {
    await producer?.close(true).catch(() => {})
    producer = undefined
  }
  const work = recurring({
    name: 'deliver.kafka',
    everyMs: EVERY_MS,
    async work(signal) {
      producer ??= new Producer(connection)
      let failed = false
      for (const topic of topics) failed = !(await topic.publish(producer, signal)) || failed
      // A producer that met a fault may hold on to brokers that are gone.
      if (failed) await close()
    },
    // Each topic tells its own.
    failed: () => {},
  })
  return {
    name: 'deliver.kafka',
    start: () => work.start(),
    async stop() {
      await work.stop()
      await close()
    },
    statuses: () => topics.map((topic) => topic.status()),
  }
}

class Topic {
  readonly #publication: Publication
  readonly #options: PublisherOptions
  readonly #metrics: Metrics
  #cursor: number | undefined
  #reachable: boolean | undefined
  #lastSuccessMs: number | undefined
  #lastError: string | undefined

  constructor(publication: Publication, options: PublisherOptions, metrics: Metrics) {
    this.#publication = publication
    this.#options = options
    this.#metrics = metrics
  }

  status(): PublisherStatus {
    return {
      topic: this.#publication.topic,
      reachable: this.#reachable,
      lastSuccessMs: this.#lastSuccessMs,
      lastError: this.#lastError,
    }
  }

  /** Hands on all that there is; false when something went wrong, which is told and tried again. */
  async publish(producer: Producer, signal: AbortSignal): Promise<boolean> {
    const { topic } = this.#publication
    try {
      this.#cursor ??= await this.#begin()
      for (let more = true; more && !signal.aborted; ) more = await this.#page(producer, this.#cursor)
      const { latest } = await this.#publication.bounds()
      this.#metrics.waiting.set({ topic }, Math.max(0, latest - (this.#cursor ?? latest)))
      return true
    } catch (error) {
      this.#failed(error)
      return false
    }
  }

  async #page(producer: Producer, after: number): Promise<boolean> {
    const { topic } = this.#publication
    const { messages, cursor, more } = await this.#publication.page(after, PAGE)
    if (messages.length > 0) {
      await producer.send({
        acks: -1,
        messages: messages.map(({ key, value }) => ({
          topic,
          key: Buffer.from(key),
          value: Buffer.from(JSON.stringify(value)),
        })),
      })
      this.#sent(messages.length)
    }
    if (cursor > after) await this.#options.followers.moved(nameOf(topic), cursor)
    this.#cursor = cursor
    return more
  }

  /** Where it was left, or where the log ends now. */
  async #begin(): Promise<number> {
    const { topic } = this.#publication
    const { oldest, latest } = await this.#publication.bounds()
    const left = await this.#options.followers.cursor(nameOf(topic))
    if (left === undefined) {
      await this.#options.followers.moved(nameOf(topic), latest)
      return latest
    }
    if (left < oldest) {
      this.#metrics.lost.inc({ topic }, oldest - left)
      this.#options.log.warn({ topic }, 'retention deleted entries before they were published')
    }
    return left
  }

  #sent(count: number): void {
    const { topic } = this.#publication
    this.#metrics.published.inc({ topic }, count)
    if (this.#reachable === false) this.#options.log.info({ topic }, 'the topic takes messages again')
    this.#reachable = true
    this.#lastSuccessMs = Date.now()
    this.#lastError = undefined
  }

  #failed(error: unknown): void {
    const { topic } = this.#publication
    const words = faultInWords(error)
    this.#metrics.failures.inc({ topic })
    if (this.#lastError !== words)
      this.#options.log.warn({ topic }, `nothing can be published, entries wait: ${words}`)
    this.#reachable = false
    this.#lastError = words
  }
}

const nameOf = (topic: string) => `kafka ${topic}`

type Metrics = ReturnType<typeof createMetrics>

function createMetrics(registry: Registry) {
  const registers = [registry]
  const labelNames = ['topic']
  return {
    published: new Counter({
      name: 'adf_kafka_published_total',
      help: 'Messages that a topic took.',
      labelNames,
      registers,
    }),
    failures: new Counter({
      name: 'adf_kafka_publish_failures_total',
      help: 'Times that a topic took nothing; what there was waits in the store.',
      labelNames,
      registers,
    }),
    lost: new Counter({
      name: 'adf_kafka_publish_lost_total',
      help: 'Entries that retention deleted before a topic took them, at most.',
      labelNames,
      registers,
    }),
    waiting: new Gauge({
      name: 'adf_kafka_publish_waiting_entries',
      help: 'Entries of the log that a topic has not got yet, incidents and anomalies together.',
      labelNames,
      registers,
    }),
  }
}
