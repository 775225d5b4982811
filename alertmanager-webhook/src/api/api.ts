import { openApiDocument } from '@adf/contract'
import { feedbackApi, feedbackRoutes } from '@adf/contract/feedback'
import {
  type Component,
  createApiApp,
  createHttpListener,
  Endpoints,
  type Logger,
  type Readiness,
  type TokenAuthority,
} from '@adf/service'
import type { IRouter } from 'express'
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
  const { ports, config, auth, registry, log, version, ready } = options
  const document = openApiDocument(feedbackApi, version)
  const app = createApiApp(
    { routes: feedbackRoutes, title: 'ADF webhook API', document, auth, registry, ready, log },
    (app) => {
      notificationEndpoint(app, auth, ports, {
        maxBody: config.webhook.max_body,
        maxInFlight: config.webhook.max_in_flight,
      })
      const endpoints = new Endpoints(app, auth)
      alertEndpoints(endpoints, ports)
      options.mount(app, endpoints)
      valueEndpoint(endpoints, ports, config.value)
      statusEndpoint(endpoints, ports, { version, startedMs: ports.clock() })
    },
  )

  return createHttpListener({
    name: 'api',
    listener: config.api,
    handler: app,
    auth,
    insecure: options.insecure,
    log,
  })
}
