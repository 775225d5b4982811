export type AggregationErrorCode =
  | 'too_few_updates'
  | 'invalid_faulty'
  | 'not_finite'
  | 'wrong_length'
  | 'invalid_samples'
  | 'duplicate_client'
  | 'no_root'

/**
 * Why a round was not aggregated; nothing has changed then. `too_few_updates`: n does not stand against f under this rule, more updates
 * or another rule are needed; `invalid_faulty`: f is not a whole number from 0; `not_finite`, `wrong_length`, `invalid_samples`,
 * `duplicate_client`: an update that `admit` would have left out (`clientId` says whose); `no_root`: the rule needs a root
 * update that is not zero.
 */
export class AggregationError extends Error {
  override readonly name = 'AggregationError'
  readonly code: AggregationErrorCode
  readonly clientId: string | undefined

  constructor(code: AggregationErrorCode, reason: string, clientId?: string) {
    super(reason)
    this.code = code
    this.clientId = clientId
  }
}
