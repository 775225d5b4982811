import { Problem } from '@adf/contract'
import { z } from 'zod'
import { FederationError } from './federation-error.ts'

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}

/** Statuses of a server, or of what stands before it, that does not work now. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504])
const LONGEST_WAIT_S = 3600

/** The body of an answer by its schema. @throws FederationError `bad_answer` */
export function jsonOf<T>({ status, body }: Answer, schema: z.ZodType<T>): T {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch (cause) {
    throw new FederationError({ code: 'bad_answer', detail: 'the answer is not JSON', status, cause })
  }
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const detail = `the answer does not fit the protocol: ${z.prettifyError(read.error)}`
  throw new FederationError({ code: 'bad_answer', detail, status })
}

/** What an answer of status 400 and above says, by its problem details (RFC 9457) where it has them. */
export function failureOf({ status, headers, body }: Answer): FederationError {
  const problem = problemIn(body)
  const detail = problem?.detail ?? problem?.title ?? 'without problem details: not a federation server?'
  return new FederationError({
    code: problem?.code ?? 'bad_answer',
    detail: `status ${status}, ${detail}`,
    status,
    retryable: PASSING.has(status),
    retryAfterMs: waitOf(headers['retry-after']),
  })
}

function problemIn(body: Uint8Array): Problem | undefined {
  try {
    return Problem.safeParse(JSON.parse(Buffer.from(body).toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** In seconds; dates, which no ADF sends, are left to the usual wait. */
function waitOf(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : undefined
  return seconds === undefined ? undefined : 1000 * Math.min(LONGEST_WAIT_S, seconds)
}
