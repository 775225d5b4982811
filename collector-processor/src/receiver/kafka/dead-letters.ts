import { type BaseOptions, Producer } from '@platformatic/kafka'
import { RetryingProducer } from '../../kafka/retrying-producer.ts'
import type { KafkaMessage, Poison } from './message.ts'

/** Larger ones are over what a broker takes by default (message.max.bytes, 1 MiB): their place is told instead. */
const LARGEST = 900 * 1024
const RETRY_MS = 1000

export interface DeadLetter {
  readonly topic: string
  readonly partition: number
  readonly message: KafkaMessage
  readonly poison: Poison
  /** Told when it is where it belongs. */
  readonly arrived: () => void
}

/**
 * Sends what cannot be read to a topic of its own, with the reason and its place in the headers. What cannot be sent waits, and is tried
 * again until it is.
 */
export class DeadLetters {
  readonly #topic: string
  readonly #producer: RetryingProducer

  constructor(parts: { topic: string; connection: BaseOptions; failed: (error: unknown) => void }) {
    const { topic, connection, failed } = parts
    this.#topic = topic
    this.#producer = new RetryingProducer({
      connect: () => new Producer(connection),
      retryMs: RETRY_MS,
      failed,
    })
  }

  get waiting(): number {
    return this.#producer.waiting
  }

  get fault(): unknown {
    return this.#producer.fault
  }

  add(letter: DeadLetter): void {
    const { message, arrived } = letter
    if (this.#topic === '') {
      arrived()
      return
    }
    this.#producer.add({
      message: {
        topic: this.#topic,
        value: message.value.length > LARGEST ? Buffer.alloc(0) : message.value,
        ...(message.key !== null && { key: message.key }),
        headers: headersOf(letter),
      },
      arrived,
    })
  }

  /** Tries once more to send what waits. What is left is read again by whoever reads the topic next. */
  stop(): Promise<void> {
    return this.#producer.stop()
  }
}

function headersOf({ topic, partition, message, poison }: DeadLetter): Map<Buffer, Buffer> {
  const cut = message.value.length > LARGEST
  const headers: [string, string][] = [
    ['adf-reason', poison.reason],
    ['adf-detail', poison.detail.slice(0, 1000)],
    ['adf-topic', topic],
    ['adf-partition', String(partition)],
    ['adf-offset', String(message.offset)],
    ...(cut ? [['adf-bytes', String(message.value.length)] satisfies [string, string]] : []),
  ]
  const own = [...message.headers].flatMap(([key, value]): [Buffer, Buffer][] =>
    value === null ? [] : [[Buffer.from(key), value]],
  )
  return new Map([
    ...own,
    ...headers.map(([key, value]): [Buffer, Buffer] => [Buffer.from(key), Buffer.from(value)]),
  ])
}
