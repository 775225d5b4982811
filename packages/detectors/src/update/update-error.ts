export type UpdateErrorCode =
  | 'not_an_update'
  | 'unsupported_version'
  | 'truncated'
  | 'corrupt'
  | 'wrong_length'
  | 'out_of_range'

/**
 * Why bytes were refused as an update. `not_an_update`: no magic; `unsupported_version`: of a newer ADF, or of a kind that is not
 * known; `truncated`: fewer or more bytes than belong to it; `corrupt`: checksum, a scale or the symbols wrong; `wrong_length`: sound,
 * but of a model with another number of parameters; `out_of_range`: a value that is not finite or beyond `LARGEST_VALUE`.
 */
export class UpdateError extends Error {
  override readonly name = 'UpdateError'
  readonly code: UpdateErrorCode

  constructor(code: UpdateErrorCode, reason: string) {
    super(reason)
    this.code = code
  }
}
