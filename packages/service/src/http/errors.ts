import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import { z } from 'zod'
import { formatPath } from '../config/path.ts'
import { CommitQueueClosed, CommitQueueFull } from '../database/commit.ts'
import { DatabaseUnwritable } from '../database/error.ts'
import { DatabaseUnavailable } from '../database/postgres/fault.ts'
import type { ErrorCode } from './codes.ts'
import { ProblemError } from './problem.ts'

/** The last route: whatever came so far is not there. */
export const unknownRoute: RequestHandler = (request) => {
  throw new ProblemError('not_found', `there is no ${request.method} ${request.path}`)
}

/**
 * The last middleware: turns whatever was thrown into problem details. ProblemError as it is; zod failures into
 * `invalid_request` with every path; failures of body-parser into their code; what the store could not take or
 * give now into a 503; anything else into `internal`, logged,
 * with nothing of it told to the client.
 */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = toProblem(error)
    if (problem.status >= 500 && problem.code === 'internal') {
      log.error({ err: error, method: request.method, path: request.path }, 'request failed')
    }
    if (response.headersSent) return next(error)
    response
      .status(problem.status)
      .set({ ...problem.headers })
      .type('application/problem+json')
      .send(JSON.stringify(problem))
  }
}

/** What a client may know of an error. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof z.ZodError) return invalidRequest(error)
  // What express throws for a path parameter with broken percent-encoding.
  if (error instanceof URIError) return new ProblemError('invalid_request', error.message, { cause: error })
  const storing = storeProblem(error)
  if (storing !== undefined) return storing
  const parsing = bodyProblem(error)
  if (parsing !== undefined) return parsing
  return new ProblemError('internal', 'the request failed inside ADF; its log has the details', {
    cause: error,
  })
}

function invalidRequest(error: z.ZodError): ProblemError {
  const errors = error.issues.map((issue) => ({ path: formatPath(issue.path), message: issue.message }))
  const first = errors[0]
  const detail =
    errors.length === 1 && first !== undefined
      ? `${first.path === '' ? 'request' : first.path}: ${first.message}`
      : `${errors.length} faults, see errors`
  return new ProblemError('invalid_request', detail, { errors })
}

/** The request may be sent again as it is. */
function storeProblem(error: unknown): ProblemError | undefined {
  const later = (code: ErrorCode, seconds: number, cause: Error) =>
    new ProblemError(code, cause.message, { headers: { 'retry-after': String(seconds) }, cause })
  if (error instanceof DatabaseUnwritable) return later('store_unwritable', 10, error)
  if (error instanceof DatabaseUnavailable) return later('store_unavailable', 5, error)
  if (error instanceof CommitQueueFull) return later('overloaded', 1, error)
  if (error instanceof CommitQueueClosed) return later('not_ready', 5, error)
  return undefined
}

const bodyFaults: Record<string, ErrorCode> = {
  'entity.too.large': 'request_too_large',
  'entity.parse.failed': 'malformed_body',
  'request.size.invalid': 'malformed_body',
  'request.aborted': 'malformed_body',
  'entity.verify.failed': 'malformed_body',
  'parameters.too.many': 'request_too_large',
  'encoding.unsupported': 'unsupported_media_type',
  'charset.unsupported': 'unsupported_media_type',
}

/** body-parser and its http-errors carry `status` and, mostly, `type`; a zlib failure carries a status alone. */
function bodyProblem(error: unknown): ProblemError | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined
  const code = 'type' in error && typeof error.type === 'string' ? bodyFaults[error.type] : undefined
  if (code === 'request_too_large' && 'limit' in error) {
    return new ProblemError(code, `the body is over the limit of ${String(error.limit)} bytes`, {
      cause: error,
    })
  }
  if (code !== undefined) return new ProblemError(code, error.message, { cause: error })
  if (error.status === 400) return new ProblemError('malformed_body', error.message, { cause: error })
  return undefined
}
