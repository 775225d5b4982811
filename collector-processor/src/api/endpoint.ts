import { type Route, type RouteName, routes } from '@adf/contract'
import { ProblemError, requireScope, type TokenAuthority } from '@adf/service'
import express, { type IRouter, type RequestHandler } from 'express'
import type { z } from 'zod'

/** A valid request: what its route's schemas made of it, and the name of the token that came with it. */
export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: string
}

interface Declared<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  readonly method: Route['method']
  readonly path: string
  readonly scope: Route['scope']
  readonly params: P
  readonly query: Q
  readonly body: { readonly schema: B; readonly types: readonly string[] }
  readonly answer: { readonly status: number; readonly schema: A; readonly type?: string }
}

const BODY_LIMIT = '1mb'
const parseJson = express.json({ limit: BODY_LIMIT, strict: false, type: () => true })

/** Mounts routes of the contract: who may, is it valid, the handler, its answer. */
export class Endpoints {
  readonly #router: IRouter
  readonly #auth: TokenAuthority

  constructor(router: IRouter, auth: TokenAuthority) {
    this.#router = router
    this.#auth = auth
  }

  on<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
    route: Declared<P, Q, B, A>,
    handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => z.input<A> | Promise<z.input<A>>,
  ): this {
    const { params, query, body, answer } = route
    const answerIt: RequestHandler = async (request, response) => {
      const result = await handle({
        params: params.parse(request.params),
        query: query.parse(request.query),
        body: body.schema.parse(body.types.length === 0 ? undefined : request.body),
        caller: String(response.locals['caller'] ?? 'anonymous'),
      })
      response.status(answer.status)
      if (answer.status === 204) response.end()
      else if (answer.type === undefined) response.json(result)
      else response.type(answer.type).send(result)
    }
    const guards = [
      ...(route.scope === null ? [] : [requireScope(this.#auth, route.scope)]),
      ...(body.types.length === 0 ? [] : [requireType(body.types), parseJson]),
    ]
    this.#router[route.method](expressPath(route.path), ...guards, answerIt)
    return this
  }
}

/** Answers 405 for a known path with another method. Mount it after all routes. */
export function otherMethods(router: IRouter): void {
  const methods = new Map<string, string[]>()
  for (const name of names) {
    const { path, method } = routes[name]
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

const names = Object.keys(routes).filter((name): name is RouteName => name in routes)

export function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

function requireType(types: readonly string[]): RequestHandler {
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
