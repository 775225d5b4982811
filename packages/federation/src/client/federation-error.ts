/**
 * Codes of the client itself; every other code is the server's (docs/errors.md).
 *
 * - `unreachable`: no connection, or it broke; `timeout`: no answer in time. Try again later.
 * - `bad_answer`: what came is not of the protocol, or not from a federation server.
 * - `not_enrolled`: this client has no id yet: enrol it.
 * - `wrong_weights`: the global weights could not be brought to what the server says they are, not even by the dense ones.
 * - `begun_before`: a round by secure aggregation that this client began and did not end; it takes no part in it again.
 * - `nothing_held`, `nothing_waits`: of a run whose weights were not fetched, or that has no update to send.
 */
export type FederationErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'bad_answer'
  | 'not_enrolled'
  | 'wrong_weights'
  | 'begun_before'
  | 'nothing_held'
  | 'nothing_waits'
  | (string & {})

export interface Failure {
  readonly code: FederationErrorCode
  readonly detail: string
  /** Of the answer, if there was one. */
  readonly status?: number | undefined
  /** The same request may succeed later. */
  readonly retryable?: boolean
  /** The server asked to wait so long. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** Why something could not be done with the federation server. What is remembered is as it was. */
export class FederationError extends Error {
  override readonly name = 'FederationError'
  readonly code: FederationErrorCode
  readonly status: number | undefined
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor({ code, detail, status, retryable = false, retryAfterMs, cause }: Failure) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status
    this.retryable = retryable
    this.retryAfterMs = retryAfterMs
  }
}
