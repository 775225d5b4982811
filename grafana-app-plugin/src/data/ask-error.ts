import { Problem } from '@adf/contract'
import type { Reply } from './send.ts'

/**
 * unreachable: nothing answered, or the proxy found nobody; unauthenticated: the token is wrong; forbidden: it may not; not_found; busy: try
 * later; rejected: the request was at fault; failed: the processor was; not_understood: an answer that this app cannot read.
 */
export type AskErrorKind =
  | 'unreachable'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'busy'
  | 'rejected'
  | 'failed'
  | 'not_understood'

/** Why a question to the processor has no answer. */
export class AskError extends Error {
  override name = 'AskError'
  readonly kind: AskErrorKind
  constructor(kind: AskErrorKind, detail: string) {
    super(detail)
    this.kind = kind
  }
}

/** What a reply of another status than success means. `detail` is the processor's own words where there are some. */
export function errorOf({ status, body }: Reply): AskError {
  const problem = Problem.safeParse(body)
  const detail = problem.success ? (problem.data.detail ?? problem.data.title) : messageOf(body, status)
  return new AskError(kindOf(status), detail)
}

function kindOf(status: number): AskErrorKind {
  if (status === 0 || status === 502 || status === 504) return 'unreachable'
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 429 || status === 503) return 'busy'
  return status >= 500 ? 'failed' : 'rejected'
}

/** Grafana's own errors are `{message}`. */
function messageOf(body: unknown, status: number): string {
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string')
    return body.message
  if (typeof body === 'string' && body !== '' && body.length < 300 && !body.startsWith('<')) return body
  return `HTTP status ${status}`
}
