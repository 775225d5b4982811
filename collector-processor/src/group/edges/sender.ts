import { type BaseOptions, Producer } from '@platformatic/kafka'
import type { EdgeMetrics } from './metrics.ts'

/** Of one request: it is one batch, and a broker takes a megabyte. */
const BATCH_BYTES = 750_000
const RETRY_MS = 500

interface Attempt {
  readonly upTo: number
  resolve(): void
  reject(error: unknown): void
}

/** Sends summaries in order, each at least once; what cannot be sent waits, and is tried again until it is. */
export class EdgeSender {
  readonly #topic: string
  readonly #connection: BaseOptions
  readonly #metrics: Pick<EdgeMetrics, 'sent' | 'failures'>
  readonly #failed: (error: unknown) => void
  #waiting: Buffer[] = []
  #added = 0
  #sent = 0
  #attempts: Attempt[] = []
  #producer: Producer | undefined
  #working: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  waitingBytes = 0
  fault: unknown

  constructor(parts: {
    readonly topic: string
    readonly connection: BaseOptions
    readonly metrics: Pick<EdgeMetrics, 'sent' | 'failures'>
    readonly failed: (error: unknown) => void
  }) {
    this.#topic = parts.topic
    this.#connection = parts.connection
    this.#metrics = parts.metrics
    this.#failed = parts.failed
  }

  add(messages: readonly Buffer[]): void {
    for (const message of messages) {
      this.#waiting.push(message)
      this.waitingBytes += message.length
    }
    this.#added += messages.length
    if (this.#timer === undefined) this.#begin()
  }

  /** All that was added until now is in the topic; rejects when the next attempt fails. */
  arrived(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => this.#attempts.push({ upTo: this.#added, resolve, reject }))
  }

  /** Tries once more to send what waits; what is left is read again by whoever has the partition next. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#working
    await this.#send()
    await this.#close()
  }

  #begin(): void {
    this.#timer = undefined
    if (this.#stopped) return
    this.#working ??= this.#send().finally(() => {
      this.#working = undefined
      if (this.#waiting.length > 0 && !this.#stopped) this.#timer = setTimeout(() => this.#begin(), RETRY_MS)
    })
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#batch()
        this.#producer ??= new Producer(this.#connection)
        await this.#producer.send({
          acks: -1,
          messages: batch.map((value) => ({ topic: this.#topic, partition: 0, value })),
        })
        this.#took(batch)
      }
    } catch (error) {
      this.fault = error
      this.#metrics.failures.inc()
      this.#failed(error)
      for (const { reject } of this.#attempts.splice(0)) reject(error)
      // It may hold on to brokers that are gone.
      await this.#close()
    }
  }

  #batch(): Buffer[] {
    let bytes = 0
    const end = this.#waiting.findIndex((message, at) => {
      bytes += message.length
      return at > 0 && bytes > BATCH_BYTES
    })
    return this.#waiting.slice(0, end < 0 ? undefined : end)
  }

  #took(batch: readonly Buffer[]): void {
    this.#waiting.splice(0, batch.length)
    for (const message of batch) this.waitingBytes -= message.length
    this.#sent += batch.length
    this.#metrics.sent.inc(batch.length)
    this.fault = undefined
    const arrived = this.#attempts.filter(({ upTo }) => upTo <= this.#sent)
    this.#attempts = this.#attempts.filter(({ upTo }) => upTo > this.#sent)
    for (const { resolve } of arrived) resolve()
  }

  async #close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.close(true).catch(() => {})
  }
}
