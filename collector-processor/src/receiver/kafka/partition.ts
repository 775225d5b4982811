import type { Content, KafkaMessage } from './message.ts'
import { Progress } from './progress.ts'
import type { Shard } from './shard.ts'

/** A message costs so much beside its bytes. */
const OVERHEAD = 300

/** One partition that this process reads. */
export class Partition {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  /** Another one when the topic is deleted and made again: its offsets begin anew. */
  readonly source: string
  readonly content: Content
  readonly progress: Progress
  readonly shard: Shard
  /** The membership that it was read in last. */
  group: unknown
  /** Offset to fetch next. */
  position: number
  /** Offset after the last message that there is to read. */
  end = Number.POSITIVE_INFINITY
  bytes = 0
  #messages: KafkaMessage[] = []
  #head = 0

  constructor(parts: {
    topic: string
    partition: number
    topicId: string
    content: Content
    position: number
    group: unknown
    shard: Shard
  }) {
    this.topic = parts.topic
    this.partition = parts.partition
    this.topicId = parts.topicId
    this.source = `${parts.topicId}/${parts.partition}`
    this.content = parts.content
    this.position = parts.position
    this.group = parts.group
    this.shard = parts.shard
    this.progress = new Progress(parts.position)
  }

  get head(): KafkaMessage | undefined {
    return this.#messages[this.#head]
  }

  /** Messages that are in the topic or read ahead, and not taken yet. 0 until it is known. */
  get lag(): number {
    return Number.isFinite(this.end) ? Math.max(0, this.end - this.progress.taken) : 0
  }

  /** Whether all there was to read when it was fetched last has been fetched. */
  get atEnd(): boolean {
    return this.position >= this.end
  }

  add(message: KafkaMessage): void {
    this.#messages.push(message)
    this.bytes += sizeOf(message)
  }

  shift(): void {
    const message = this.head
    if (message === undefined) return
    this.bytes -= sizeOf(message)
    this.#head++
    if (this.#head === this.#messages.length || this.#head > 1000) {
      this.#messages = this.#messages.slice(this.#head)
      this.#head = 0
    }
  }
}

function sizeOf({ value, key }: KafkaMessage): number {
  return value.length + (key?.length ?? 0) + OVERHEAD
}

/**
 * The partition whose message is to be taken next: the oldest, so that partitions go on side by side in time. Undefined when there is
 * none, or while one that may have an older message has not been fetched.
 */
export function nextOf(partitions: Iterable<Partition>): Partition | undefined {
  let next: Partition | undefined
  let oldestMs = Number.POSITIVE_INFINITY
  for (const partition of partitions) {
    const { head } = partition
    if (head === undefined) {
      if (!partition.atEnd) return undefined
      continue
    }
    if (head.timestampMs < oldestMs || next === undefined) {
      oldestMs = head.timestampMs
      next = partition
    }
  }
  return next
}
