import { type BaseOptions, Producer } from '@platformatic/kafka'
import type { KafkaMessage, Poison } from './message.ts'

/** Larger ones are over what a broker takes by default (message.max.bytes, 1 MiB): their place is told instead. */
const LARGEST = 900 * 1024
const RETRY_MS = 1000
/** Sent at once. */
const BATCH = 50

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
  readonly #connection: BaseOptions
  readonly #failed: (error: unknown) => void
  #waiting: DeadLetter[] = []
  #producer: Producer | undefined
  #working: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  fault: unknown

  constructor(parts: { topic: string; connection: BaseOptions; failed: (error: unknown) => void }) {
    this.#topic = parts.topic
    this.#connection = parts.connection
    this.#failed = parts.failed
  }

  get waiting(): number {
    return this.#waiting.length
  }

  add(letter: DeadLetter): void {
    if (this.#topic === '') {
      letter.arrived()
      return
    }
    this.#waiting.push(letter)
    if (this.#timer === undefined) this.#begin()
  }

  /** Tries once more to send what waits. What is left is read again by whoever reads the topic next. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#working
    await this.#send()
    await this.#producer?.close(true).catch(() => {})
  }

  #begin(): void {
    this.#timer = undefined
    this.#working ??= this.#send().finally(() => {
      this.#working = undefined
      if (this.#waiting.length > 0 && !this.#stopped) this.#timer = setTimeout(() => this.#begin(), RETRY_MS)
    })
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH)
        this.#producer ??= new Producer(this.#connection)
        await this.#producer.send({
          acks: -1,
          messages: batch.map((letter) => ({
            topic: this.#topic,
            value: letter.message.value.length > LARGEST ? Buffer.alloc(0) : letter.message.value,
            ...(letter.message.key !== null && { key: letter.message.key }),
            headers: headersOf(letter),
          })),
        })
        this.#waiting.splice(0, batch.length)
        this.fault = undefined
        for (const { arrived } of batch) arrived()
      }
    } catch (error) {
      this.fault = error
      this.#failed(error)
      await this.#producer?.close(true).catch(() => {})
      this.#producer = undefined
    }
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
