import { Problem, type Route } from '@adf/contract'
import { type Agent, type Dispatcher, request } from 'undici'
import type { z } from 'zod'
import { ProcessorError } from './processor-error.ts'

export interface CallOptions {
  readonly url: string
  /** Bearer token; asked anew for each call, since files of tokens are replaced. */
  readonly token: () => Promise<string | undefined>
  readonly dispatcher: Agent
  /** Bounds one call, to the last byte of the answer. */
  readonly timeoutMs: number
}

/** Arguments of a route, as they are written. */
export interface Arguments<R extends Route> {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: z.input<R['body']['schema']>
  readonly signal?: AbortSignal | undefined
}

/** Longest answer: eight days of scores, or a page of entities with all their features. */
const ANSWER_LIMIT = 16 * 2 ** 20

/** Calls a route of a contract, and reads the answer by its schema. One attempt. @throws ProcessorError; the reason of the signal when it is aborted */
export async function call<R extends Route, A>(
  { url, token, dispatcher, timeoutMs }: CallOptions,
  route: R & { readonly answer: { readonly schema: z.ZodType<A> } },
  { params = {}, query = {}, body, signal }: Arguments<R>,
): Promise<A> {
  const target = new URL(url.replace(/\/+$/, '') + pathOf(route.path, params))
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, String(value))
  const bearer = await token()
  const timeout = AbortSignal.timeout(timeoutMs)
  let status: number
  let text: string
  try {
    const response = await request(target, {
      dispatcher,
      method: methods[route.method],
      headers: {
        accept: 'application/json',
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    status = response.statusCode
    text = await read(response.body)
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof ProcessorError) throw cause
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new ProcessorError(timeout.aborted ? 'timeout' : 'unreachable', `${target.origin}: ${detail}`, {
      cause,
    })
  }
  if (status >= 400) throw problemOf(status, text)
  const answer = route.answer.schema.safeParse(text === '' ? undefined : json(text, status))
  if (answer.success) return answer.data
  throw new ProcessorError(
    'bad_answer',
    `${route.path}: the answer does not fit the contract: ${answer.error.message}`,
    {
      status,
    },
  )
}

const methods = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const

const pathOf = (template: string, params: Readonly<Record<string, string>>) =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))

async function read(body: Dispatcher.ResponseData['body']): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of body) {
    const bytes = Buffer.from(part)
    length += bytes.length
    if (length > ANSWER_LIMIT) {
      body.destroy()
      throw new ProcessorError('bad_answer', `an answer of more than ${ANSWER_LIMIT} bytes`)
    }
    parts.push(bytes)
  }
  return Buffer.concat(parts, length).toString('utf8')
}

function json(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ProcessorError('bad_answer', 'the answer is not JSON: not a processor?', { status, cause })
  }
}

function problemOf(status: number, text: string): ProcessorError {
  let problem: Problem | undefined
  try {
    problem = Problem.safeParse(JSON.parse(text)).data
  } catch {
    problem = undefined
  }
  if (problem === undefined)
    return new ProcessorError('bad_answer', `status ${status} without problem details: not a processor?`, {
      status,
    })
  return new ProcessorError(problem.code, `status ${status}, ${problem.detail ?? problem.title}`, { status })
}
