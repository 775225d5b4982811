import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Admin, Consumer, type MessageToProduce, Producer } from '@platformatic/kafka'
import { freePort, type Running, run, temporaryFolder, until } from './process.ts'
import { findServer, needs } from './servers.ts'

const VERSION = '4.3.1'
const LOG4J = '2.25.4'
const CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg'
export const KAFKA_USER = { name: 'adf', password: 'of-the-tests' } as const

/** Far longer than it takes, a few seconds: a broker starts slowly where cores are busy. */
const START_MS = 300_000

const cache = () => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'adf')
const jars = () => join(cache(), `kafka-${VERSION}`)

/** What is missing and how to get it; undefined when a broker can be started. */
export function kafkaNeeds(): string | undefined {
  return existsSync(jars()) ? needs('java') : needs('java', 'maven')
}

/** Kafka's jars from Maven Central (100 MB), kept in the user's cache. Throws when they are not there and cannot be had. */
export function installKafka(progress: (text: string) => void = () => {}): void {
  if (existsSync(jars())) return
  const maven = findServer('maven')
  if (maven === undefined) throw new Error('maven is not installed.')
  mkdirSync(cache(), { recursive: true })
  const folder = temporaryFolder()
  try {
    progress(`getting Kafka ${VERSION} from Maven Central (once, a quarter of a minute)`)
    writeFileSync(join(folder.path, 'pom.xml'), POM)
    const made = `${jars()}.${process.pid}`
    const args = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${made}`]
    execFileSync(maven, args, { cwd: folder.path, stdio: ['ignore', 'ignore', 'pipe'] })
    // Two at once get it twice; the first one stays.
    if (existsSync(jars())) rmSync(made, { recursive: true })
    else renameSync(made, jars())
  } finally {
    folder.remove()
  }
}

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>adf</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${LOG4J}</version></dependency>
  </dependencies>
</project>
`

const LOGGING = `rootLogger.level = warn
rootLogger.appenderRef.c.ref = C
appender.c.type = Console
appender.c.name = C
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %p %c{1} %m%n
logger.s.name = kafka.server.KafkaRaftServer
logger.s.level = info
`

interface Committed {
  readonly committed: number
  readonly end: number
}

export interface RunningKafka {
  /** Without a password, on loopback. */
  readonly brokers: string[]
  /** SASL SCRAM-SHA-512 over TLS. */
  readonly secure: string[]
  createTopic(name: string, partitions?: number): Promise<void>
  send(messages: MessageToProduce[]): Promise<void>
  /** The same, but the client does not try again by itself: what it resolved to is in the topic once. Rejects when that is not known. */
  sendOnce(messages: MessageToProduce[]): Promise<void>
  /** All messages of a topic up to now, of each partition in order. */
  read(topic: string): Promise<{ value: Buffer; headers: Map<string, string> }[]>
  /** What a group has committed of a topic, by partition. */
  committed(group: string, topic: string): Promise<Committed[]>
  /** Ends the broker: SIGTERM as an operator does, SIGKILL like a crash. */
  halt(signal?: NodeJS.Signals): Promise<void>
  /** Starts it, again, on the same ports and data. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Ports and data of a broker that does not run yet. @param tls PEM files of its secure listener */
export async function prepareKafka(tls: { cert: string; key: string }): Promise<RunningKafka> {
  const java = findServer('java')
  if (java === undefined) throw new Error('java is not installed')
  const folder = temporaryFolder()
  const [plain, secure, controller] = [await freePort(), await freePort(), await freePort()]
  const file = (name: string) => join(folder.path, name)
  writeFileSync(file('log4j2.properties'), LOGGING)
  writeFileSync(file('broker.pem'), readFileSync(tls.key, 'utf8') + readFileSync(tls.cert, 'utf8'))
  writeFileSync(
    file('server.properties'),
    SETTINGS({ plain, secure, controller, data: file('data'), pem: file('broker.pem') }),
  )
  const heap = ['-Xmx384m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']
  const program = (...args: string[]): Running =>
    // It ends with whoever runs the tests, however that ends.
    run('setpriv', [
      ...['--pdeathsig=SIGKILL', java, ...heap],
      ...[`-Dlog4j2.configurationFile=${file('log4j2.properties')}`, '-cp', `${jars()}/*`, ...args],
    ])
  const scram = `SCRAM-SHA-512=[name=${KAFKA_USER.name},password=${KAFKA_USER.password}]`
  const settings = file('server.properties')
  let formatted = false
  let broker: Running | undefined
  const options = { clientId: 'test', bootstrapBrokers: [`127.0.0.1:${plain}`], retries: 5, retryDelay: 200 }
  let producer: Producer | undefined
  let once: Producer | undefined
  const closeProducer = async () => {
    const those = [producer, once]
    producer = undefined
    once = undefined
    for (const each of those) await each?.close(true).catch(() => {})
  }
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = new Admin(options)
    try {
      return await work(admin)
    } finally {
      await admin.close()
    }
  }
  const withConsumer = async <T>(group: string, work: (consumer: Consumer) => Promise<T>): Promise<T> => {
    const consumer = new Consumer({ ...options, groupId: group, groupProtocol: 'consumer' })
    try {
      return await work(consumer)
    } finally {
      await consumer.close(true)
    }
  }
  const ends = (consumer: Consumer, topic: string) => consumer.listOffsets({ topics: [topic] })
  return {
    brokers: options.bootstrapBrokers,
    secure: [`127.0.0.1:${secure}`],
    async createTopic(name, partitions = 3) {
      await withAdmin((admin) => admin.createTopics({ topics: [name], partitions, replicas: 1 }))
    },
    async send(messages) {
      producer ??= new Producer(options)
      await producer.send({ messages, acks: -1 })
    },
    async sendOnce(messages) {
      once ??= new Producer({ ...options, retries: 0 })
      await once.send({ messages, acks: -1 })
    },
    async read(topic) {
      return withConsumer('reading', async (consumer) => {
        const all = (await ends(consumer, topic)).get(topic) ?? []
        let left = all.reduce((sum, end) => sum + Number(end), 0)
        const found: { value: Buffer; headers: Map<string, string> }[] = []
        if (left === 0) return found
        const stream = await consumer.consume({
          topics: [topic],
          mode: 'manual',
          offsets: all.map((_, partition) => ({ topic, partition, offset: 0n })),
          autocommit: false,
        })
        for await (const { value, headers } of stream) {
          found.push({
            value,
            headers: new Map([...headers].map(([key, text]) => [key.toString(), text.toString()])),
          })
          if (--left === 0) break
        }
        return found
      })
    },
    async committed(group, topic) {
      const all = await withConsumer(
        'reading',
        async (consumer) => (await ends(consumer, topic)).get(topic) ?? [],
      )
      const partitionIndexes = all.map((_, partition) => partition)
      const [found] = await withAdmin((admin) =>
        admin.listConsumerGroupOffsets({
          groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes }] }],
        }),
      )
      const partitions = found?.topics[0]?.partitions ?? []
      return all.map((end, at) => ({
        committed: Number(
          partitions.find(({ partitionIndex }) => partitionIndex === at)?.committedOffset ?? -1,
        ),
        end: Number(end),
      }))
    },
    async halt(signal = 'SIGTERM') {
      await closeProducer()
      await broker?.stop(signal)
      broker = undefined
    },
    async start() {
      if (!formatted) {
        const format = program(
          ...['kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', settings, '--add-scram', scram],
        )
        if ((await format.exited) !== 0) throw new Error(format.output())
        formatted = true
      }
      const child = program('kafka.Kafka', settings)
      broker = child
      const ended = child.exited.then((code) => {
        throw new Error(`Kafka ended with ${code}:\n${child.output()}`)
      })
      ended.catch(() => {})
      const started = until('Kafka starts', () => child.output().includes('Kafka Server started'), START_MS)
      await Promise.race([started, ended])
    },
    async stop() {
      await closeProducer()
      await broker?.stop('SIGKILL')
      folder.remove()
    },
  }
}

interface Places {
  readonly plain: number
  readonly secure: number
  readonly controller: number
  readonly data: string
  readonly pem: string
}

/** One broker that is its own controller, and quick to notice who is gone; topics are made by those who want them. */
const SETTINGS = ({ plain, secure, controller, data, pem }: Places) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:${plain},SECURE://127.0.0.1:${secure},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${plain},SECURE://127.0.0.1:${secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location=${pem}
log.dirs=${data}
num.partitions=3
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.network.threads=1
num.io.threads=2
num.recovery.threads.per.data.dir=1
log.cleaner.dedupe.buffer.size=2097152
group.min.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=200
group.consumer.heartbeat.interval.ms=300
group.consumer.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=6000
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
controlled.shutdown.max.retries=1
`
