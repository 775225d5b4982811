import { openApiDocument } from '@adf/contract'
import { feedbackApi, feedbackRoutes } from '@adf/contract/feedback'
import {
  type Component,
  createHttpListener,
  docsRoutes,
  Endpoints,
  healthRoutes,
  type Logger,
  measuredRequests,
  metricsHandler,
  otherMethods,
  problemHandler,
  type Readiness,
  requireScope,
  safeHeaders,
  type TokenAuthority,
  unknownRoute,
} from '@adf/service'
import express, { type IRouter } from 'express'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import { alertEndpoints } from './handlers/alerts.ts'
import { notificationEndpoint } from './handlers/notifications.ts'
import { statusEndpoint } from './handlers/status.ts'
import { valueEndpoint } from './handlers/value.ts'
import type { ApiPorts } from './ports.ts'

export interface ApiOptions {
  /** Adds the routes of feedback and tuner. */
  readonly mount: (router: IRouter, endpoints: Endpoints) => void
  readonly ports: ApiPorts
  readonly config: Pick<Config, 'api' | 'webhook' | 'value'>
  readonly auth: TokenAuthority
  readonly insecure: boolean
  readonly registry: Registry
  readonly log: Logger
  readonly version: string
  readonly ready: () => Readiness
}

export interface Api extends Component {
  readonly port: number
  readonly url: string
}

/** The Alertmanager webhook over HTTP: every route of the contract. */
export function createApi(options: ApiOptions): Api {
  const { ports, config, auth, registry, log, version } = options
  const app = express()
  app.disable('x-powered-by').set('query parser', 'simple').set('etag', false)
  app.use(safeHeaders)
  app.use(measuredRequests(registry, feedbackRoutes))

  notificationEndpoint(app, auth, ports, {
    maxBody: config.webhook.max_body,
    maxInFlight: config.webhook.max_in_flight,
  })
  const endpoints = new Endpoints(app, auth)
  alertEndpoints(endpoints, ports)
  options.mount(app, endpoints)
  valueEndpoint(endpoints, ports, config.value)
  statusEndpoint(endpoints, ports, { version, startedMs: ports.clock() })
  const { metrics } = feedbackRoutes
  app.get(metrics.path, requireScope(auth, metrics.scope), metricsHandler(registry))
  app.use(healthRoutes({ ready: options.ready }))
  app.use(docsRoutes({ title: 'ADF webhook API', document: openApiDocument(feedbackApi, version) }))
  app.get('/', (_request, response) => response.redirect('docs'))
  otherMethods(app, Object.values(feedbackRoutes))
  app.use(unknownRoute)
  app.use(problemHandler(log))

  return createHttpListener({
    name: 'api',
    listener: config.api,
    handler: app,
    auth,
    insecure: options.insecure,
    log,
  })
}
