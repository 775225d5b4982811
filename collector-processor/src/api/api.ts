import { openApiDocument, processorApi, routes } from '@adf/contract'
import {
  asksForOwnHost,
  type Component,
  createApiApp,
  createHttpListener,
  Endpoints,
  type Listener,
  type Logger,
  ProblemError,
  type Readiness,
  requireScope,
  type TokenAuthority,
} from '@adf/service'
import type { RequestHandler } from 'express'
import type { Registry } from 'prom-client'
import { v7 } from 'uuid'
import { AlertHub } from './alerts/hub.ts'
import { AlertServer, type AlertServerOptions } from './alerts/server.ts'
import { anomalyEndpoints } from './handlers/anomalies.ts'
import { entityEndpoints } from './handlers/entities.ts'
import { feedbackEndpoints } from './handlers/feedback.ts'
import { graphEndpoints } from './handlers/graph.ts'
import { incidentEndpoints } from './handlers/incidents.ts'
import { operationEndpoints } from './handlers/operation.ts'
import { scoreEndpoints } from './handlers/scores.ts'
import { thresholdEndpoints } from './handlers/thresholds.ts'
import { ApiMetrics } from './metrics.ts'
import { pageRoutes } from './pages.ts'
import type { ApiPorts } from './ports.ts'

export interface ApiOptions {
  readonly ports: ApiPorts
  readonly listener: Listener
  readonly auth: TokenAuthority
  readonly insecure: boolean
  readonly registry: Registry
  readonly log: Logger
  readonly clock: () => number
  readonly version: string
  readonly ready: () => Readiness
  /** POST /:stream; mounted at /api/events behind the scope `ingest`. Reads the body itself. */
  readonly events?: RequestHandler
  /** Within so long a request must be there, to its last byte. */
  readonly requestTimeoutMs?: number
  readonly alerts?: AlertServerOptions
  readonly newId?: () => string
}

export interface Api extends Component {
  readonly port: number
  readonly url: string
  /** Where anomalies and incidents are published to `WS /ws/alerts`. */
  readonly hub: AlertHub
}

/** The processor's API: every route of the contract, over HTTP and WebSocket. */
export function createApi(options: ApiOptions): Api {
  const { ports, auth, registry, log, clock, version, ready } = options
  const startedMs = clock()
  const metrics = new ApiMetrics(
    registry,
    () => ports.status().incidents.open,
    () => ports.store.verdicts.rootCauses(),
  )
  const hub = new AlertHub(ports.store.alertLog, clock, metrics, log)
  const alerts = new AlertServer(hub, auth, metrics, {
    ownHost: asksForOwnHost(options.listener, auth, options.insecure),
    ...options.alerts,
  })

  const document = openApiDocument(processorApi, version)
  const app = createApiApp(
    { routes, title: 'ADF processor API', document, auth, registry, ready, log },
    (app) => {
      const endpoints = new Endpoints(app, auth)
      anomalyEndpoints(endpoints, ports, clock)
      incidentEndpoints(endpoints, ports, clock)
      graphEndpoints(endpoints, ports, clock)
      feedbackEndpoints(endpoints, ports, { clock, newId: options.newId ?? v7, metrics })
      entityEndpoints(endpoints, ports)
      thresholdEndpoints(endpoints, ports, { clock, refused: metrics.thresholdsRefused })
      scoreEndpoints(endpoints, ports, clock)
      operationEndpoints(endpoints, ports, { clock, startedMs, version })
      if (options.events !== undefined) {
        app.use('/api/events', requireScope(auth, routes.sendEvents.scope), options.events)
      }
      app.get(routes.streamAlerts.path, requireScope(auth, routes.streamAlerts.scope), () => {
        throw new ProblemError('invalid_request', 'this is a WebSocket: connect to it with ws:// or wss://')
      })
      app.use(pageRoutes())
    },
  )

  const http = createHttpListener({
    name: 'api',
    listener: options.listener,
    handler: app,
    auth,
    insecure: options.insecure,
    log,
    ...(options.requestTimeoutMs !== undefined && { requestTimeoutMs: options.requestTimeoutMs }),
  })
  return {
    name: 'api',
    hub,
    get port() {
      return http.port
    },
    get url() {
      return http.url
    },
    async start() {
      await hub.start()
      await http.start()
      if (http.server !== undefined) alerts.start(http.server)
    },
    async stop() {
      await alerts.stop()
      await http.stop()
    },
  }
}
