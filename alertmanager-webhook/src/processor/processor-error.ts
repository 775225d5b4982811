/**
 * Codes of this side; every other code is the processor's (docs/errors.md).
 *
 * - `unreachable`: no connection, or it broke; `timeout`: no answer in time. Try again later.
 * - `bad_answer`: what came is not of the contract: not a processor, or one of another version.
 */
export type ProcessorErrorCode = 'unreachable' | 'timeout' | 'bad_answer' | (string & {})

/** Statuses of a server, or of what stands before it, that does not work now. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504])

/** Why a processor did not do what it was asked for. */
export class ProcessorError extends Error {
  override readonly name = 'ProcessorError'
  readonly code: ProcessorErrorCode
  /** undefined: there was no answer. */
  readonly status: number | undefined

  constructor(
    code: ProcessorErrorCode,
    detail: string,
    { status, cause }: { status?: number; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status
  }

  /**
   * The same request may succeed later. A token that is refused counts too: an operator puts it right, and nothing that waits is lost by
   * then.
   */
  get retryable(): boolean {
    const { status } = this
    if (status === undefined) return true
    return PASSING.has(status) || status === 401 || status === 403 || this.code === 'bad_answer'
  }
}
