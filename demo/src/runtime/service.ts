import type { Logger } from 'pino'
import type { DatabaseClient } from './database-client.ts'
import type { QueueClient } from './queue-client.ts'
import type { Random } from './random.ts'

export interface Request {
  readonly params: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

export type Handler = (request: Request, shop: Shop) => Promise<Record<string, unknown>>

/**
 * One service's behaviour. Handlers are named `METHOD /path` for HTTP services and by method for gRPC services; a consumer has
 * `consume`. A handler that throws answers 500 or INTERNAL.
 */
export interface Service {
  readonly name: string
  readonly handlers?: Readonly<Record<string, Handler>>
  readonly consume?: {
    readonly topic: string
    /** Messages taken at once: 1 makes the span a child of its producer, more make it link to each of them. */
    readonly batch: number
    readonly handle: (messages: readonly Record<string, unknown>[], shop: Shop) => Promise<void>
  }
}

/** What a handler works with. Everything goes through the instrumented client of its protocol. */
export interface Shop {
  readonly log: Logger
  readonly random: Random
  readonly database: DatabaseClient
  readonly queue: QueueClient
  /** Rejects with the status when the other side fails, so that a needed call fails its caller. */
  call(service: string, operation: string, body?: Record<string, unknown>): Promise<Record<string, unknown>>
  /** Takes about so many milliseconds without using the processor. */
  work(medianMs: number): Promise<void>
}

export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure'
}
