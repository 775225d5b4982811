import { Status } from '@adf/contract'
import {
  type Certificates,
  makeCertificates,
} from '../../packages/service/src/http/certificates.test-data.ts'
import { type RunningAdf, startAdf } from './adf.ts'
import { prepareKafka, type RunningKafka } from './kafka.ts'
import { PASSWORD, type RunningPostgres, startPostgres } from './postgresql.ts'
import { until } from './process.ts'

const GROUP = 'adf-group'
const ALONE = 'adf-alone'
/** Far longer than it takes: a broker starts slowly where cores are busy. */
export const LIMIT_MS = 300_000

export interface GroupSettings {
  /** Of all processors; `kafka` and `store` without what tells them apart. */
  readonly config: { readonly kafka: object; readonly store: object; readonly [section: string]: unknown }
  /** Of the members' connection to the database. */
  readonly database?: object
  /** Topics with their partitions, that are there from the begin. */
  readonly topics: Readonly<Record<string, number>>
}

/** Several processors on one Kafka group and one schema of PostgreSQL, and one alone with the same input. */
export class KafkaGroup {
  readonly kafka: RunningKafka
  readonly postgres: RunningPostgres
  /** Alone, on a store of its own. */
  readonly alone: RunningAdf
  readonly #members = new Map<string, RunningAdf>()
  readonly #settings: GroupSettings
  readonly #certificates: Certificates

  private constructor(
    settings: GroupSettings,
    certificates: Certificates,
    servers: { kafka: RunningKafka; postgres: RunningPostgres; alone: RunningAdf },
  ) {
    this.#settings = settings
    this.#certificates = certificates
    this.kafka = servers.kafka
    this.postgres = servers.postgres
    this.alone = servers.alone
  }

  /** Without members. */
  static async start(settings: GroupSettings): Promise<KafkaGroup> {
    const certificates = makeCertificates()
    const [kafka, postgres] = await Promise.all([prepareKafka(certificates.server), startPostgres()])
    try {
      await kafka.start()
      for (const [topic, partitions] of Object.entries(settings.topics))
        await kafka.createTopic(topic, partitions)
      const { config } = settings
      const own = { ...config.kafka, brokers: kafka.brokers, group_id: ALONE }
      const alone = await startAdf({ ...config, kafka: own }, { ready: '/health' })
      return new KafkaGroup(settings, certificates, { kafka, postgres, alone })
    } catch (error) {
      await kafka.stop()
      await postgres.stop()
      certificates.remove()
      throw error
    }
  }

  async join(member: string): Promise<void> {
    const { config, database } = this.#settings
    const kafka = { ...config.kafka, brokers: this.kafka.brokers, group_id: GROUP, member }
    const store = { ...config.store, url: this.postgres.url(), password: PASSWORD, ...database }
    this.#members.set(member, await startAdf({ ...config, kafka, store }, { ready: '/health' }))
  }

  get running(): RunningAdf[] {
    return [...this.#members.values()]
  }

  get(name: string): RunningAdf {
    const member = this.#members.get(name)
    if (member === undefined) throw new Error(`${name} is no member`)
    return member
  }

  nameOf(adf: RunningAdf): string {
    for (const [name, member] of this.#members) if (member === adf) return name
    throw new Error('it is no member')
  }

  /** Ends a member; resolves to its exit code. */
  async end(name: string, signal: NodeJS.Signals): Promise<number | null> {
    const member = this.get(name)
    this.#members.delete(name)
    const code = await member.kill(signal)
    // What it left behind.
    await member.stop()
    return code
  }

  /** Of a metric, over all members. */
  async sum(metric: string, labels?: Record<string, string>): Promise<number> {
    const each = await Promise.all(this.running.map((one) => one.metric(metric, labels)))
    return each.reduce((all, one) => all + one, 0)
  }

  statuses(): Promise<Status[]> {
    return Promise.all(this.running.map(statusOf))
  }

  /** Each partition has one member. @param each and each member has some */
  have(partitions: number, { each = false } = {}): Promise<true> {
    return until(
      'each partition has one member',
      async () => {
        const all = (await this.statuses()).map(({ kafka }) => kafka?.partitions ?? 0)
        if (each && all.some((one) => one === 0)) return undefined
        return all.reduce((a, b) => a + b, 0) === partitions || undefined
      },
      LIMIT_MS,
    )
  }

  /** All messages of a topic are committed, by the group and by the one alone. */
  async settled(...topics: readonly string[]): Promise<void> {
    for (const group of [GROUP, ALONE])
      for (const topic of topics)
        await until(
          `all of ${topic} is committed by ${group}`,
          async () =>
            (await this.kafka.committed(group, topic)).every(({ committed, end }) => committed === end),
          LIMIT_MS,
        )
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running, this.alone].map((one) => one.stop()))
    await this.kafka.stop()
    await this.postgres.stop()
    this.#certificates.remove()
  }
}

export const statusOf = async (adf: RunningAdf): Promise<Status> =>
  Status.parse(await adf.json('/api/status'))
