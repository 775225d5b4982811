import { Counter, Gauge, type Registry } from 'prom-client'
import type { Partition } from './partition.ts'

/** Partitions with figures of their own; those of further ones are added up. */
const MOST_SHOWN = 1000
const OTHER = { topic: '(other)', partition: '(other)' }

export interface Figures {
  partitions(): Iterable<Partition>
  connected(): boolean
  delayMs(): number
  deadLetters(): number
}

export type KafkaMetrics = ReturnType<typeof createKafkaMetrics>

export function createKafkaMetrics(registry: Registry, figures: Figures) {
  const registers = [registry]
  const perPartition = (name: string, help: string, value: (partition: Partition) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['topic', 'partition'],
      registers,
      collect() {
        this.reset()
        let shown = 0
        for (const one of figures.partitions()) {
          const own = shown++ < MOST_SHOWN
          this.inc(own ? { topic: one.topic, partition: one.partition } : OTHER, value(one))
        }
      },
    })
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  perPartition(
    'adf_kafka_lag_messages',
    'Messages of a partition that are not taken yet, as far as the broker told.',
    (one) => one.lag,
  )
  perPartition(
    'adf_kafka_uncommitted_messages',
    'Messages of a partition that are taken and not committed: they come again after a crash.',
    ({ progress }) => progress.taken - progress.committed,
  )
  gauge('adf_kafka_connected', 'Whether this process is in the consumer group (1) or not (0).', () =>
    figures.connected() ? 1 : 0,
  )
  gauge(
    'adf_kafka_delay_seconds',
    'How far the time of windows is behind the clock.',
    () => figures.delayMs() / 1000,
  )
  gauge('adf_kafka_dead_letters_waiting', 'Messages that wait for the topic of dead letters.', () =>
    figures.deadLetters(),
  )
  return {
    messages: new Counter({
      name: 'adf_kafka_messages_total',
      help: 'Messages taken or put aside, by topic.',
      labelNames: ['topic'],
      registers,
    }),
    bytes: new Counter({
      name: 'adf_kafka_bytes_total',
      help: 'Bytes of the values of these messages.',
      labelNames: ['topic'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'adf_kafka_dead_letters_total',
      help: 'Messages put aside, by topic and reason.',
      labelNames: ['topic', 'reason'],
      registers,
    }),
    expired: new Counter({
      name: 'adf_kafka_expired_messages_total',
      help: 'Messages that the broker deleted before they were read, by topic.',
      labelNames: ['topic'],
      registers,
    }),
    pauses: new Counter({
      name: 'adf_kafka_pauses_total',
      help: 'Times that reading paused, by reason: no room for more, or the store cannot be written.',
      labelNames: ['reason'],
      registers,
    }),
    rebalances: new Counter({
      name: 'adf_kafka_rebalances_total',
      help: 'Times that partitions came or went.',
      registers,
    }),
    disconnects: new Counter({
      name: 'adf_kafka_disconnects_total',
      help: 'Times that the group was left by a fault.',
      registers,
    }),
    commits: new Counter({
      name: 'adf_kafka_commits_total',
      help: 'Commits of offsets, by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
  }
}
