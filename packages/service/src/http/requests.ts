import type { RequestHandler } from 'express'
import { Counter, Histogram, type Registry } from 'prom-client'
import { type Endpoint, expressPath } from './endpoints.ts'

/** Counts and times requests, by route of the contract: `adf_api_requests_total`, `adf_api_request_duration_seconds`. */
export function measuredRequests(
  registry: Registry,
  routes: Readonly<Record<string, Pick<Endpoint, 'method' | 'path'>>>,
): RequestHandler {
  const registers = [registry]
  const requests = new Counter({
    name: 'adf_api_requests_total',
    help: 'Requests to the API, by route of the contract and status.',
    labelNames: ['route', 'status'],
    registers,
  })
  const latency = new Histogram({
    name: 'adf_api_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
    registers,
  })
  const byPath = new Map<string, string>()
  for (const [name, { method, path }] of Object.entries(routes)) {
    byPath.set(`${method.toUpperCase()} ${expressPath(path)}`, name)
  }
  return (request, response, next) => {
    const end = latency.startTimer()
    response.once('close', () => {
      const matched: unknown = request.route === undefined ? undefined : request.route.path
      const path = typeof matched === 'string' ? `${request.baseUrl}${matched}` : ''
      const route = byPath.get(`${request.method} ${path}`) ?? 'other'
      requests.inc({ route, status: String(response.statusCode) })
      end({ route })
    })
    next()
  }
}

/** Headers that every answer carries: it is not to be guessed at, kept, framed, or read by pages from elsewhere. Pages set a policy of their own. */
export const safeHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
  })
  next()
}
