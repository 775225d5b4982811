import { randomBytes, randomUUID } from 'node:crypto'
import { initialWeights, weightCount } from '@adf/detectors'
import { weightBytes, weightsHash } from '@adf/federation/weights'
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
  StartFault,
  TokenAuthority,
} from '@adf/service'
import type { Registry } from 'prom-client'
import { v7 as uuidv7 } from 'uuid'
import { type Api, createApi } from './api/api.ts'
import { privacyOf } from './api/handlers/runs.ts'
import type { ServedRun } from './api/ports.ts'
import { type Config, DEFAULT_PATH } from './config.ts'
import { Coordinator } from './coordinator/coordinator.ts'
import { RunDriver } from './coordinator/run.ts'
import { noSteps, type Steps } from './coordinator/steps.ts'
import { FederationMetrics } from './metrics.ts'
import { aggregatorOf } from './round/rule-of.ts'
import { type RunSettings, runSettings } from './round/settings.ts'
import { openStore } from './store/open.ts'
import type { Store } from './store/store.ts'
import { ComputingThread } from './thread/computing-thread.ts'
import type { ThreadRun } from './thread/message.ts'

export interface FederationServerOptions {
  readonly config: Config
  readonly log: Logger
  readonly version: string
  /** Listen beyond loopback without tokens or client certificates. */
  readonly insecure?: boolean
  readonly clock?: () => number
  /** Bytes of the secret of a new run. */
  readonly secret?: () => Uint8Array
  readonly newId?: () => string
  readonly steps?: Steps
}

export interface FederationServer extends Component {
  readonly api: Pick<Api, 'port' | 'url'>
  /** What /metrics shows. */
  readonly registry: Registry
}

/** Of updates that wait for the end of their round, read once at the door: four thousand of the usual network. Of all runs together. */
const REMEMBERED_BYTES = 128 * 1024 * 1024

/** Puts the federation server together. Opens its store; start() begins to listen and to drive rounds, stop() drains in reverse and closes the store. */
export async function createFederationServer(options: FederationServerOptions): Promise<FederationServer> {
  const { config, log, version, insecure = false, clock = Date.now, steps = noSteps } = options
  const { secret = () => randomBytes(32), newId = uuidv7 } = options
  const registry = createRegistry()
  const metrics = new FederationMetrics(registry, Object.keys(config.federated.runs))
  const auth = new TokenAuthority(config.auth.tokens)
  const place = placeOf(config.store, DEFAULT_PATH)
  const database = databaseMetrics(registry, place)
  const store = await openStore({
    place,
    committed: database.committed,
    writable: (fault) => {
      database.writable(fault)
      if (fault === undefined) log.info('the store can be written again')
      else
        log.error({ err: fault }, 'the store cannot be written; rounds wait, and clients are told to retry')
    },
  })
  try {
    const runs: ThreadRun[] = []
    const served = new Map<string, ServedRun>()
    for (const [name, run] of Object.entries(config.federated.runs)) {
      const settings = runSettings(config.federated, run)
      runs.push({ name, settings, secret: await ensureRun(store, name, settings, secret(), clock()) })
      const count = weightCount(settings.model.network)
      const aggregator = aggregatorOf(settings.aggregation, settings.stalenessLimit).name
      served.set(name, { name, settings, aggregator, count })
    }
    // Two: who sends an update does not wait until a round is aggregated.
    const reader = new ComputingThread('adf-reader', runs)
    const thread = new ComputingThread('adf-rounds', runs)
    const rememberedBytes = REMEMBERED_BYTES / runs.length
    const coordinator = new Coordinator({
      runs: runs.map(
        (run) => new RunDriver({ ...run, store, steps, metrics, clock, thread, rememberedBytes }),
      ),
      store,
      metrics,
      leaseMs: config.lease,
      holder: randomUUID(),
      clock,
      log,
    })
    metrics.observe(registry, {
      clients: () => store.clients.counts(clock() - config.federated.coordinator.presence),
      quarantined: () => store.updates.quarantined(),
      waitingPolls: () => coordinator.announcements.listening,
      epsilons: async () => {
        const spent = [...served.values()].map(async ({ name, settings }) => {
          const privacy = await privacyOf({ store }, name, settings)
          return privacy === null ? [] : [{ run: name, epsilon: privacy.epsilon }]
        })
        return (await Promise.all(spent)).flat()
      },
    })
    const readiness = new ReadinessSwitch(() => store.fault())
    const api = createApi({
      ports: { store, coordinator, runs: served, metrics, reader, steps, clock, newId },
      listener: config.api,
      clients: config.clients,
      auth,
      insecure,
      registry,
      log,
      version,
      ready: () => readiness.state(),
    })
    const lifecycle = new Lifecycle([
      createTelemetry({ endpoint: config.telemetry.otlp_endpoint, serviceName: 'adf-federation' }),
      closing('store', store),
      reader,
      thread,
      api,
      // Stopped before the API: polls that wait are answered, so that the API can drain.
      coordinator,
      readiness,
    ])
    return {
      name: 'federation',
      api,
      registry,
      start: () => lifecycle.start(),
      stop: () => lifecycle.stop(),
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** @returns the secret of the run @throws StartFault when the run has trained another model */
async function ensureRun(
  store: Store,
  name: string,
  settings: RunSettings,
  secret: Uint8Array,
  nowMs: number,
): Promise<Uint8Array> {
  const { model } = settings
  const { values } = initialWeights(model.network, model.seed)
  const weights = weightBytes(values)
  const fresh = {
    name,
    model,
    settings: JSON.stringify(settings),
    secret,
    weights,
    hash: weightsHash(values),
  }
  const kept = await store.runs.ensure(fresh, nowMs)
  if (JSON.stringify(kept) !== JSON.stringify(model))
    throw new StartFault(
      `federated.runs.${name} was begun with another stream, features, network or seed, and its clients hold its weights; ` +
        'set them back, or give the new model a run of another name',
    )
  const run = await store.runs.get(name)
  if (run === undefined) throw new Error(`run ${name} is gone`)
  return run.secret
}
