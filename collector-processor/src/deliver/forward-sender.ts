import type { Config } from '../config.ts'
import type { ForwardRequest } from '../telemetry/forward.ts'
import type { PartialSuccess } from './forward-partial-success.ts'

export type ForwardEndpoint = Config['deliver']['forward'][number]

/** One attempt at an OTLP endpoint. */
export interface Sender {
  /**
   * Resolves when the endpoint took the request, with what it said when it left out some of it; rejects with SendError, at the latest after the endpoint's timeout and at
   * once when `stop` is aborted.
   */
  send(request: ForwardRequest, stop: AbortSignal): Promise<PartialSuccess | undefined>
  close(): void
}

/** Why an attempt failed, and whether another may help. */
export class SendError extends Error {
  override readonly name = 'SendError'
  readonly retryable: boolean
  /** What the endpoint asked to wait; 0 when it did not say. */
  readonly retryAfterMs: number

  constructor(message: string, options: { retryable: boolean; retryAfterMs?: number; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.retryable = options.retryable
    this.retryAfterMs = options.retryAfterMs ?? 0
  }
}
