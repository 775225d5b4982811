import {
  type Component,
  closing,
  createRegistry,
  createTelemetry,
  databaseMetrics,
  Lifecycle,
  type Logger,
  placeOf,
  ReadinessSwitch,
  TokenAuthority,
} from '@adf/service'
import type { Registry } from 'prom-client'
import { v7 as uuidv7 } from 'uuid'
import { AlertmanagerPoller } from './alertmanager/poller.ts'
import { type Api, createApi } from './api/api.ts'
import { type Config, DEFAULT_PATH } from './config.ts'
import { createLoop } from './loop.ts'
import { WebhookMetrics } from './metrics.ts'
import { openStore } from './store/open.ts'
import { RetentionTask } from './store/retention.ts'

export interface WebhookOptions {
  readonly config: Config
  readonly log: Logger
  readonly version: string
  /** Listen beyond loopback without tokens or client certificates. */
  readonly insecure?: boolean
  readonly clock?: () => number
  readonly newId?: () => string
}

export interface Webhook extends Component {
  readonly api: Pick<Api, 'port' | 'url'>
  /** What /metrics shows. */
  readonly registry: Registry
}

/** Puts the webhook together. Opens its store; start() begins to listen, stop() drains in reverse and closes the store. */
export async function createWebhook(options: WebhookOptions): Promise<Webhook> {
  const { config, log, version, insecure = false, clock = Date.now, newId = uuidv7 } = options
  const registry = createRegistry()
  const metrics = new WebhookMetrics(registry)
  const place = placeOf(config.store, DEFAULT_PATH)
  const database = databaseMetrics(registry, place)
  const store = await openStore({
    place,
    committed: database.committed,
    share: true,
    maxPending: config.store.max_waiting,
    writable: (fault) => {
      database.writable(fault)
      if (fault === undefined) log.info('the store can be written again')
      else log.error({ err: fault }, 'the store cannot be written; Alertmanager is told to try again')
    },
  })
  metrics.observe(registry, {
    firing: () => store.alerts.firing(),
    undelivered: () => store.feedback.undeliveredCount(),
    lastNotifiedMs: () => store.alerts.lastNotifiedMs(),
  })
  const { urls, basic_auth, bearer_token_file, poll_interval, timeout } = config.alertmanager
  const alertmanagers = new AlertmanagerPoller({
    urls,
    credentials: {
      basicAuth: basic_auth && { username: basic_auth.username, passwordFile: basic_auth.password_file },
      bearerTokenFile: bearer_token_file,
    },
    intervalMs: poll_interval,
    timeoutMs: timeout,
    alerts: store.alerts,
    polls: metrics.polls,
    clock,
    newId,
    log,
  })
  const retention = new RetentionTask({
    store,
    retentionMs: config.store.retention,
    auditRetentionMs: config.store.audit_retention,
    maxAlerts: config.store.max_alerts,
    endSilentAfterMs: config.webhook.end_silent_after,
    silent: metrics.silent,
    forgotten: metrics.forgotten,
    clock,
    log,
  })
  const loop = await createLoop({ config, store, registry, clock, newId, log }).catch(
    async (error: unknown) => {
      await store.close()
      throw error
    },
  )
  const readiness = new ReadinessSwitch(() => store.fault())
  const api = createApi({
    ports: {
      store,
      metrics,
      alertmanagers: () => alertmanagers.peers(),
      processors: loop.processors,
      clock,
      newId,
    },
    mount: loop.mount,
    config,
    auth: new TokenAuthority(config.auth.tokens),
    insecure,
    registry,
    log,
    version,
    ready: () => readiness.state(),
  })
  const lifecycle = new Lifecycle([
    createTelemetry({ endpoint: config.telemetry.otlp_endpoint, serviceName: 'adf-webhook' }),
    closing('store', store),
    retention,
    alertmanagers,
    ...loop.components,
    api,
    readiness,
  ])
  return {
    name: 'webhook',
    api,
    registry,
    start: () => lifecycle.start(),
    stop: () => lifecycle.stop(),
  }
}
