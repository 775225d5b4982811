import type { Logger } from '@adf/service'
import type { BaseOptions } from '@platformatic/kafka'
import type { Registry } from 'prom-client'
import type { Config } from './config.ts'
import type { EventsRouter } from './receiver/events/router.ts'
import { Handle } from './receiver/kafka/handle.ts'
import type { Content } from './receiver/kafka/message.ts'
import { KafkaReceiver } from './receiver/kafka/receiver.ts'
import type { Shards } from './receiver/kafka/shard.ts'
import type { Receiver } from './receiver/receiver.ts'
import type { StreamSpec } from './scoring/vector.ts'

export interface KafkaReceiverDeps {
  readonly config: Config
  readonly connection: BaseOptions
  readonly shards: Shards
  readonly receiver: Pick<Receiver, 'intake' | 'admission'>
  readonly events: Pick<EventsRouter, 'take'>
  readonly edges: (value: Buffer, atMs: number) => string | undefined
  readonly streams: readonly StreamSpec[]
  readonly storeFault: () => string | undefined
  readonly effects: () => Promise<void>
  readonly registry: Registry
  readonly log: Logger
}

/** The Kafka receiver of a configuration. */
export function createKafkaReceiver(deps: KafkaReceiverDeps): KafkaReceiver {
  const { config, connection, receiver, events, log } = deps
  const { kafka, edge } = config
  const streams = deps.streams.filter(({ entityKind }) => entityKind === 'event').map(({ name }) => name)
  // A window is scored when it has ended and its telemetry should have arrived; a rate is of two collections of a metric.
  const windowsMs = edge.window + edge.max_lateness + 2 * edge.step
  // What is told of spans and logs may be told anew by who reads them next, as long as those are there that they meet.
  const pairingMs = kafka.member === undefined ? 0 : config.graph.pairing_window + 2 * edge.step
  const holdMs = (content: Content) => {
    if (content.kind !== 'otlp') return windowsMs
    if (content.signal === 'metrics') return windowsMs + 2 * edge.interval
    return Math.max(windowsMs, pairingMs)
  }
  return new KafkaReceiver({
    connection,
    groupId: kafka.group_id,
    topics: contents(kafka, streams),
    deadLetters: kafka.topics.dead_letters,
    maxDeadLetters: kafka.max_dead_letters,
    maxBuffered: kafka.max_buffered,
    shards: deps.shards,
    handle: new Handle({
      intake: receiver.intake,
      admission: receiver.admission,
      events,
      edges: deps.edges,
      streams: () => streams,
      maxSize: config.receiver.max_request_size,
      kept: config.deliver.forward.length > 0,
      failed: (error) => log.error({ err: error }, 'a message from Kafka failed'),
    }),
    holdMs,
    storeFault: deps.storeFault,
    effects: deps.effects,
    commitEveryMs: config.store.state_interval,
    registry: deps.registry,
    log,
  })
}

/** What is read, by topic. Topics of events are left alone while no stream of events is declared. */
function contents(
  { topics, events, member }: Config['kafka'],
  streams: readonly string[],
): Map<string, Content> {
  const read = new Map<string, Content>()
  if (topics.spans !== '') read.set(topics.spans, { kind: 'otlp', signal: 'traces' })
  if ((topics.spans !== '' || topics.logs !== '') && member !== undefined)
    read.set(topics.edges, { kind: 'edges' })
  if (topics.metrics !== '') read.set(topics.metrics, { kind: 'otlp', signal: 'metrics' })
  if (topics.logs !== '') read.set(topics.logs, { kind: 'otlp', signal: 'logs' })
  if (streams.length > 0) for (const { topic, stream } of events) read.set(topic, { kind: 'events', stream })
  return read
}
