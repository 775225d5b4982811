import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { TokenAuthority } from '../auth/tokens.ts'
import type { Listener } from '../config/listener.ts'
import { ProblemError } from './problem.ts'
import { isLoopback } from './safety.ts'

/**
 * Whether a listener has to look at the name that it is asked for by. On loopback without tokens it trusts whoever is on this machine: so is
 * the browser, in which any page can have its own name lead to 127.0.0.1 (DNS rebinding) and then read and change what is here. TLS
 * does not need this (no certificate fits), nor do tokens, which no page knows.
 */
export const asksForOwnHost = (
  listener: Listener,
  auth: Pick<TokenAuthority, 'required'>,
  insecure: boolean,
): boolean => !insecure && !auth.required && listener.tls === undefined && isLoopback(listener.host)

/**
 * Whether the header `host` names what nobody on the internet can have: an address, a name without a dot, or one under the
 * reserved `localhost` (RFC 6761) and `internal`. Without the header it is no browser that asks.
 */
export function isOwnHost(host: string | undefined): boolean {
  if (host === undefined) return true
  const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '')
  if (name === undefined || name === '') return false
  return isIP(name) !== 0 || !name.includes('.') || /\.(localhost|internal)$/.test(name)
}

export const foreignHost = (host: string | undefined): ProblemError =>
  new ProblemError(
    'forbidden',
    `this is not ${(host ?? '').slice(0, 200)}: without tokens it answers on this machine only. Ask for 127.0.0.1, or configure auth.tokens`,
  )

/** Answers like any other error, before anything else looks at the request. */
export function refuseForeignHost(request: IncomingMessage, response: ServerResponse): void {
  const problem = foreignHost(request.headers.host)
  const body = JSON.stringify(problem)
  request.resume()
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}
