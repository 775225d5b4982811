import type { Logger } from '@adf/service'
import type { BaseOptions } from '@platformatic/kafka'
import type { Registry } from 'prom-client'
import type { Handle } from './handle.ts'
import type { Content } from './message.ts'
import type { Shards } from './shard.ts'

export interface KafkaReceiverOptions {
  readonly connection: BaseOptions
  readonly groupId: string
  /** By topic. */
  readonly topics: ReadonlyMap<string, Content>
  readonly deadLetters: string
  readonly maxDeadLetters: number
  readonly maxBuffered: number
  readonly shards: Shards
  readonly handle: Handle
  /** For how long after it was taken the effects of a message may be still to come. */
  readonly holdMs: (content: Content) => number
  /** Why nothing can be stored now. */
  readonly storeFault: () => string | undefined
  /** Stores all that came of what was taken; rejects when it cannot. */
  readonly effects: () => Promise<void>
  readonly commitEveryMs: number
  readonly registry: Registry
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}
