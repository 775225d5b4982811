/** What the messages of a topic hold. */
export type Content =
  | { readonly kind: 'otlp'; readonly signal: 'traces' | 'metrics' | 'logs' }
  /** What members tell of their spans. */
  | { readonly kind: 'edges' }
  /** `stream` undefined: each message says it. */
  | { readonly kind: 'events'; readonly stream: string | undefined }

export interface KafkaMessage {
  readonly offset: number
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer
  readonly headers: ReadonlyMap<string, Buffer | null>
}

/** Why a message is put aside; a metric label, so the list is closed. */
type PoisonReason =
  /** No OTLP, or no JSON. */
  | 'malformed'
  | 'too_large'
  /** Events: of no declared stream, or one that the stream does not take. */
  | 'unknown_stream'
  | 'rejected_event'
  /** A fault inside ADF. */
  | 'failed'

export interface Poison {
  readonly reason: PoisonReason
  readonly detail: string
}

/**
 * `taken`: its effects are under way. `wait`: nothing more of it can be taken now, and it is to be handed in again. Else why it can
 * never be.
 */
export type Outcome = 'taken' | 'wait' | Poison
