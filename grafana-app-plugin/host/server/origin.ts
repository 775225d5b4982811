import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback, ProblemError } from '@adf/service'
import type { RequestHandler } from 'express'

const isOwnName = (host: string) =>
  isLoopback(URL.parse(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '') ?? '')

/** Whether a request to open a WebSocket comes from a page of the console, or from a program, which tells no origin. */
export const isOwnOrigin = ({ host = '', origin }: IncomingHttpHeaders): boolean =>
  isOwnName(host) && (origin === undefined || origin === `http://${host}`)

/**
 * The console asks for no password, so that other pages in the same browser must not use it: requests by another name than this
 * machine's (DNS rebinding), and writes from another origin, are refused.
 */
export const ownOrigin: RequestHandler = (request, _response, next) => {
  const host = request.headers.host ?? ''
  if (!isOwnName(host))
    throw new ProblemError('forbidden', `the console answers on this machine only, not as ${host}`)
  const { origin } = request.headers
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (!reads && origin !== undefined && origin !== `http://${host}`)
    throw new ProblemError('forbidden', `the console takes no ${request.method} from pages of ${origin}`)
  next()
}
