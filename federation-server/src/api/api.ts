import { openApiDocument } from '@adf/contract'
import { federationApi, federationRoutes } from '@adf/contract/federation'
import {
  type Component,
  createApiApp,
  createHttpListener,
  Endpoints,
  type Listener,
  type Logger,
  RateLimiter,
  type Readiness,
  type TokenAuthority,
} from '@adf/service'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import { clientEndpoints } from './handlers/clients.ts'
import { identityEndpoints } from './handlers/identity.ts'
import { reviewEndpoints } from './handlers/reviews.ts'
import { runEndpoints } from './handlers/runs.ts'
import { secureEndpoints } from './handlers/secure.ts'
import { submissionEndpoints } from './handlers/submission.ts'
import { weightEndpoints } from './handlers/weights.ts'
import { workEndpoints } from './handlers/work.ts'
import type { ApiPorts } from './ports.ts'
import { SignedEndpoints } from './signed.ts'
import { WaitingPlaces } from './waiting-places.ts'

export interface ApiOptions {
  readonly ports: ApiPorts
  readonly listener: Listener
  readonly clients: Config['clients']
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

/** Longer than clients keep a connection, while they train for a round: a new one takes several kilobytes with TLS, which is more than a poll. */
const KEEP_ALIVE_MS = 125_000

/** Twice what a client waits: whoever sends a request slower than that holds its memory in vain. */
const REQUEST_TIMEOUT_MS = 60_000

/** The federation server over HTTP: the protocol of clients and the API of operators, every route of the contract. */
export function createApi(options: ApiOptions): Api {
  const { ports, clients, auth, registry, log, version, ready } = options
  const { clock } = ports
  const document = openApiDocument(federationApi, version)
  const app = createApiApp(
    { routes: federationRoutes, title: 'ADF federation API', document, auth, registry, ready, log },
    (app) => {
      const rate = new RateLimiter({
        perSecond: clients.requests_per_second,
        burst: clients.burst,
        mostCallers: 2 * clients.max_clients,
      })
      const signed = new SignedEndpoints(app, {
        clients: ports.store.clients,
        rate,
        metrics: ports.metrics,
        clock,
        windowMs: clients.signature_window,
      })
      identityEndpoints(signed, ports, { maxClients: clients.max_clients })
      const places = new WaitingPlaces(clients.max_waiting)
      workEndpoints(signed, ports, places)
      weightEndpoints(signed, ports)
      submissionEndpoints(signed, ports, { maxUpdateSize: clients.max_update_size })
      secureEndpoints(signed, ports, places)

      const endpoints = new Endpoints(app, auth)
      runEndpoints(endpoints, ports, { version, startedMs: clock(), ready: () => ready().ready })
      clientEndpoints(endpoints, ports, {
        sampleCap: clients.sample_cap,
        validMs: clients.invitation_validity,
      })
      reviewEndpoints(endpoints, ports)
    },
  )

  return createHttpListener({
    name: 'api',
    listener: options.listener,
    handler: app,
    auth,
    insecure: options.insecure,
    log,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    keepAliveMs: KEEP_ALIVE_MS,
  })
}
