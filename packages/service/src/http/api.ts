import express, { type Express } from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Scope, TokenAuthority } from '../auth/tokens.ts'
import type { Readiness } from '../lifecycle/readiness.ts'
import { metricsHandler } from '../metrics/registry.ts'
import { docsRoutes } from './docs.ts'
import { type Endpoint, otherMethods } from './endpoints.ts'
import { problemHandler, unknownRoute } from './errors.ts'
import { requireScope } from './guard.ts'
import { healthRoutes } from './health.ts'
import { measuredRequests, safeHeaders } from './requests.ts'

/**
 * The API of a service: what `add` mounts, with what all of them have. Answers carry safe headers, requests are counted by
 * route; `routes.metrics`, /health, /ready, the docs and a way to them from the root; 405 and 404 for what is not there,
 * and every error as problem+json.
 *
 * @param document the OpenAPI document of the API
 */
export function createApiApp(
  options: {
    readonly routes: Readonly<Record<string, Pick<Endpoint, 'method' | 'path'>>> & {
      readonly metrics: Pick<Endpoint, 'method' | 'path'> & { readonly scope: Scope }
    }
    readonly title: string
    readonly document: object
    readonly auth: TokenAuthority
    readonly registry: Registry
    readonly ready: () => Readiness
    readonly log: Logger
  },
  add: (app: Express) => void,
): Express {
  const { routes, title, document, auth, registry, ready, log } = options
  const app = express()
  app.disable('x-powered-by').set('query parser', 'simple').set('etag', false)
  app.use(safeHeaders)
  app.use(measuredRequests(registry, routes))
  add(app)
  app.get(routes.metrics.path, requireScope(auth, routes.metrics.scope), metricsHandler(registry))
  app.use(healthRoutes({ ready }))
  app.use(docsRoutes({ title, document }))
  app.get('/', (_request, response) => response.redirect('docs'))
  otherMethods(app, Object.values(routes))
  app.use(unknownRoute)
  app.use(problemHandler(log))
  return app
}
