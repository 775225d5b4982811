import type {
  Advertisement,
  SecureAggregationErrorCode,
  SecureRound,
  UnmaskAnswer,
  WeightedMean,
} from '@adf/federation/secure-aggregation'

/** What the thread is given to begin with; plain data. */
export interface UnmaskJob {
  readonly round: SecureRound
  readonly advertisements: readonly Advertisement[]
  /** Keys of enrolment that the advertisements are signed with, by client. */
  readonly enrolled: ReadonlyMap<string, string>
  /** Who sent shares. */
  readonly sharers: readonly string[]
  readonly answers: readonly UnmaskAnswer[]
}

/** One after the other: the next is sent when the thread has said `added`. */
export type UnmaskOrder =
  | { readonly kind: 'add'; readonly clientId: string; readonly bytes: Uint8Array }
  | { readonly kind: 'unmask' }

export type UnmaskOutcome =
  | ({ readonly kind: 'mean' } & WeightedMean)
  | {
      /** The messages of the round do not lead to a mean; they never will. */
      readonly kind: 'refused'
      readonly code: SecureAggregationErrorCode
      readonly detail: string
    }

export type UnmaskReply = { readonly kind: 'added' } | UnmaskOutcome
