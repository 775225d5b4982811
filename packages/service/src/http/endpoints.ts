import express, { type IRouter, type RequestHandler } from 'express'
import type { z } from 'zod'
import type { Scope, TokenAuthority } from '../auth/tokens.ts'
import { requireScope } from './guard.ts'
import { ProblemError } from './problem.ts'

/** A valid request: what its route's schemas made of it, and the name of the token or client that it came with. */
export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: string
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** A route of a contract, as far as serving it needs to know. Contracts are packages of their own: it is taken by its shape. */
export interface Endpoint<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  A extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** OpenAPI template, such as `/api/anomalies/{id}`. */
  readonly path: string
  readonly params: P
  readonly query: Q
  readonly body: { readonly schema: B; readonly types: readonly string[] }
  readonly answer: { readonly status: number; readonly schema: A; readonly type?: string }
}

/** What makes the answer of a route. */
export type Handle<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = (
  call: Call<z.output<P>, z.output<Q>, z.output<B>>,
) => z.input<A> | Promise<z.input<A>>

const BODY_LIMIT = '1mb'
const parseJson = express.json({ limit: BODY_LIMIT, strict: false, type: () => true })

/** Mounts routes of a contract that need a token or nothing: who may, is it valid, the handler, its answer. */
export class Endpoints {
  readonly #router: IRouter
  readonly #auth: TokenAuthority

  constructor(router: IRouter, auth: TokenAuthority) {
    this.#router = router
    this.#auth = auth
  }

  on<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
    route: Endpoint<P, Q, B, A> & { readonly scope: Scope | null },
    handle: Handle<P, Q, B, A>,
  ): this {
    const guards = [
      ...(route.scope === null ? [] : [requireScope(this.#auth, route.scope)]),
      ...(route.body.types.length === 0 ? [] : [requireType(route.body.types), parseJson]),
    ]
    mount(this.#router, route, guards, handle)
    return this
  }
}

/** Mounts one route behind guards, which leave the body in `request.body` and who it is in `response.locals.caller`. */
export function mount<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  router: IRouter,
  { method, path, params, query, body, answer }: Endpoint<P, Q, B, A>,
  guards: readonly RequestHandler[],
  handle: Handle<P, Q, B, A>,
): void {
  const answerIt: RequestHandler = async (request, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const result = await handle({
      params: params.parse(request.params),
      query: query.parse(request.query),
      body: body.schema.parse(body.types.length === 0 ? undefined : request.body),
      caller: String(response.locals['caller'] ?? 'anonymous'),
      signal: gone.signal,
    })
    response.status(answer.status)
    if (answer.status === 204) response.end()
    else if (answer.type === undefined) response.json(result)
    else response.type(answer.type).send(result instanceof Uint8Array ? bufferOf(result) : result)
  }
  router[method](expressPath(path), ...guards, answerIt)
}

/** Express takes any other array of bytes for JSON. */
const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Answers 405 for a known path with another method. Mount it after all routes. */
export function otherMethods(router: IRouter, routes: Iterable<Pick<Endpoint, 'method' | 'path'>>): void {
  const methods = new Map<string, string[]>()
  for (const { path, method } of routes) {
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()])
  }
  for (const [path, allowed] of methods) {
    router.all(expressPath(path), (request) => {
      throw new ProblemError('method_not_allowed', `${path} does not take ${request.method}`, {
        headers: { allow: allowed.join(', ') },
      })
    })
  }
}

export function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

/** Lets a request pass whose content type is one of these; 415 otherwise. */
export function requireType(types: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    if (!request.is([...types])) {
      const given = request.headers['content-type'] ?? 'none'
      throw new ProblemError(
        'unsupported_media_type',
        `content-type is ${given.slice(0, 100)}, expected ${types.join(' or ')}`,
      )
    }
    next()
  }
}
