import type { RequestHandler } from 'express'
import type { Scope, TokenAuthority } from '../auth/tokens.ts'

/** Lets a request pass that may do `scope`; 401 or 403 otherwise. `response.locals.caller` is the name of the token. */
export function requireScope(auth: TokenAuthority, scope: Scope): RequestHandler {
  return (request, response, next) => {
    const answer = auth.check(request.headers.authorization, scope)
    if (!answer.ok) throw answer.problem
    response.locals['caller'] = answer.name
    next()
  }
}
