import { SignatureError } from '@adf/federation/signature'
import { ProblemError } from '@adf/service'

/** What a client is told whose signature does not hold: the code says which part of it. */
export function signatureProblem(error: unknown): unknown {
  if (!(error instanceof SignatureError)) return error
  return new ProblemError(error.code, error.message, { cause: error })
}
