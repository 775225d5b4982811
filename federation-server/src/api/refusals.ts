import { SignatureError } from '@adf/federation/signature'
import { ProblemError } from '@adf/service'

/** What a client is told whose signature does not hold: the code says which part of it, and `date` by which clock. */
export function signatureProblem(error: unknown, nowMs: number): unknown {
  if (!(error instanceof SignatureError)) return error
  const headers = { date: new Date(nowMs).toUTCString() }
  return new ProblemError(error.code, error.message, { headers, cause: error })
}
