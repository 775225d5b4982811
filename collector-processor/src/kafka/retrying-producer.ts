import type { MessageToProduce, Producer } from '@platformatic/kafka'

/** Of one request: it is one batch, and a broker takes a megabyte (message.max.bytes). */
const BATCH_BYTES = 750_000

export type KafkaProducer = Pick<Producer, 'close'> & {
  send(options: {
    acks: number
    messages: MessageToProduce<Buffer, Buffer, Buffer, Buffer>[]
  }): Promise<unknown>
}

export interface Sending {
  readonly message: MessageToProduce<Buffer, Buffer, Buffer, Buffer>
  /** Told when it is in its topic. */
  arrived?(): void
}

export interface RetryingProducerOptions {
  /** Makes a client when there is none, and after each fault. */
  readonly connect: () => KafkaProducer
  readonly retryMs: number
  /** Told of each attempt that failed; all that waits goes on waiting. */
  readonly failed: (error: unknown) => void
}

interface Flush {
  readonly upTo: number
  resolve(): void
  reject(error: unknown): void
}

/** Sends messages in order, each at least once; what cannot be sent waits, and is tried again until it is. Whoever adds bounds what waits. */
export class RetryingProducer {
  readonly #options: RetryingProducerOptions
  readonly #waiting: Sending[] = []
  #bytes = 0
  #added = 0
  #arrived = 0
  #flushes: Flush[] = []
  #producer: KafkaProducer | undefined
  #working: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #fault: unknown

  constructor(options: RetryingProducerOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Of the values of what waits. */
  get waitingBytes(): number {
    return this.#bytes
  }

  /** Of the last attempt; undefined when it went well. */
  get fault(): unknown {
    return this.#fault
  }

  add(...sendings: readonly Sending[]): void {
    for (const sending of sendings) {
      this.#waiting.push(sending)
      this.#bytes += bytesOf(sending)
    }
    this.#added += sendings.length
    if (this.#timer === undefined) this.#begin()
  }

  /** Resolves when all that was added until now is in its topic; rejects when the next attempt fails, or none comes. */
  flushed(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve()
    if (this.#stopped) return Promise.reject(new Error('nothing is sent any more'))
    return new Promise((resolve, reject) => this.#flushes.push({ upTo: this.#added, resolve, reject }))
  }

  /** Tries once more to send what waits, and ends; what is left was never acknowledged to whoever added it. */
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
      if (this.#waiting.length > 0 && !this.#stopped)
        this.#timer = setTimeout(() => this.#begin(), this.#options.retryMs)
    })
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#batch()
        this.#producer ??= this.#options.connect()
        await this.#producer.send({ acks: -1, messages: batch.map(({ message }) => message) })
        this.#took(batch)
      }
    } catch (error) {
      this.#fault = error
      this.#options.failed(error)
      for (const { reject } of this.#flushes.splice(0)) reject(error)
      // It may hold on to brokers that are gone.
      await this.#close()
    }
  }

  #batch(): readonly Sending[] {
    let bytes = 0
    const end = this.#waiting.findIndex((sending, at) => {
      bytes += bytesOf(sending)
      return at > 0 && bytes > BATCH_BYTES
    })
    return this.#waiting.slice(0, end < 0 ? undefined : end)
  }

  #took(batch: readonly Sending[]): void {
    this.#waiting.splice(0, batch.length)
    for (const sending of batch) this.#bytes -= bytesOf(sending)
    this.#arrived += batch.length
    this.#fault = undefined
    for (const { arrived } of batch) arrived?.()
    const done = this.#flushes.filter(({ upTo }) => upTo <= this.#arrived)
    this.#flushes = this.#flushes.filter(({ upTo }) => upTo > this.#arrived)
    for (const { resolve } of done) resolve()
  }

  async #close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.close(true).catch(() => {})
  }
}

const bytesOf = ({ message }: Sending) => message.value?.length ?? 0
