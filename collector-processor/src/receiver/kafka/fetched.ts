import type { Consumer } from '@platformatic/kafka'
import type { KafkaMessage } from './message.ts'

export type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>

/** A partition that the group gave to this process. */
export interface Assigned {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
}

export interface FetchWish extends Assigned {
  readonly position: number
}

/** What a broker answered for one partition. */
export interface Fetched {
  readonly wish: FetchWish
  readonly messages: readonly KafkaMessage[]
  /** Offset to fetch next. */
  position: number
  /** Offset after the last message that may be read. */
  readonly end: number
  /** The offset that was asked for is not there any more, or not there yet. */
  readonly expired: boolean
}

/** Bits of a batch's attributes (kafka.apache.org/documentation, "Record Batch"). */
const LOG_APPEND_TIME = 0x08
const CONTROL = 0x20

/** Reads an answer; of partitions that nobody asked for nothing. */
export function readFetched(answer: FetchResponse, wishes: readonly FetchWish[]): Fetched[] {
  const fetched: Fetched[] = []
  for (const { topicId, partitions } of answer.responses) {
    for (const part of partitions) {
      const wish = wishes.find((one) => one.topicId === topicId && one.partition === part.partitionIndex)
      if (wish === undefined) continue
      if (part.errorCode !== 0) {
        fetched.push({ wish, messages: [], position: wish.position, end: wish.position, expired: true })
        continue
      }
      const stable = part.lastStableOffset >= 0n ? part.lastStableOffset : part.highWatermark
      fetched.push({
        wish,
        ...readBatches(part.records ?? [], wish.position),
        end: Number(stable),
        expired: false,
      })
    }
  }
  return fetched
}

type Batches = NonNullable<FetchResponse['responses'][number]['partitions'][number]['records']>

function readBatches(batches: Batches, from: number): { messages: KafkaMessage[]; position: number } {
  const messages: KafkaMessage[] = []
  let position = from
  for (const batch of batches) {
    const first = Number(batch.firstOffset)
    position = Math.max(position, first + batch.lastOffsetDelta + 1)
    if ((batch.attributes & CONTROL) !== 0) continue
    const appended = (batch.attributes & LOG_APPEND_TIME) !== 0
    for (const record of batch.records) {
      const offset = first + record.offsetDelta
      // A compressed batch comes whole, also when what was asked for is in the middle of it.
      if (offset < from) continue
      messages.push({
        offset,
        timestampMs: Number(appended ? batch.maxTimestamp : batch.firstTimestamp + record.timestampDelta),
        key: record.key,
        value: record.value ?? Buffer.alloc(0),
        headers: new Map(record.headers.map(([key, value]) => [key?.toString() ?? '', value])),
      })
    }
  }
  return { messages, position }
}
