export type ModelErrorCode = 'not_a_model' | 'unsupported_version' | 'truncated' | 'corrupt' | 'foreign'

/**
 * Why bytes were refused as a model. `not_a_model`: no magic; `unsupported_version`: written by a newer ADF; `truncated`:
 * fewer or more bytes than the header says; `corrupt`: checksum or table wrong; `foreign`: sound, but of another detector,
 * of other features or options. `message` says what was found and what was expected.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly code: ModelErrorCode

  constructor(code: ModelErrorCode, reason: string) {
    super(reason)
    this.code = code
  }
}
