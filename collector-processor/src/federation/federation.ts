import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SiteStatus } from '@adf/contract'
import { FederationClient, FederationError, FileState } from '@adf/federation'
import type { Component, Logger } from '@adf/service'
import { StartFault } from '@adf/service'
import type { Registry } from 'prom-client'
import type { SharedNetwork } from '../scoring/network/shared-network.ts'
import type { Clock } from '../telemetry/clock.ts'
import { failureReason, pauseAfter, pauseAfterFailure } from './exchange.ts'
import { createFederationMetrics, type FederationMetrics } from './metrics.ts'
import { Site } from './site.ts'
import { Standing } from './standing.ts'
import { ProcessTrainer, type RoundTrainer } from './trainer.ts'

/** The section `federation` of the configuration. */
export interface FederationConfig {
  readonly url?: string | undefined
  readonly name?: string | undefined
  readonly token?: string | undefined
  readonly token_file?: string | undefined
  readonly streams: readonly string[]
  readonly state: string
  readonly cpu_budget: number
  readonly poll_interval: number
  readonly peers_file?: string | undefined
  readonly personalise: boolean
}

export interface FederationOptions {
  readonly config: FederationConfig
  readonly tls?:
    | { readonly ca?: string | Buffer; readonly cert?: string | Buffer; readonly key?: string | Buffer }
    | undefined
  /** The networks that there are, by stream. */
  readonly networks: () => Promise<readonly SharedNetwork[]>
  readonly registry: Registry
  readonly log: Logger
  readonly clock: Clock
  /** Default: a process for each job. */
  readonly trainer?: RoundTrainer
  /** Default: a timer. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface Federation extends Component {
  /** Where this site stands now. */
  status(): SiteStatus
}

const NO_NETWORK =
  'no stream that takes part has a network (autoencoder, lstm, tcn) in edge.detection.detectors or compare'
const NO_DATA = 'no run of normal vectors is full yet: it takes the global weights, and trains once one is'

/** Longest that the server may hold an answer back, by the contract. */
const LONGEST_WAIT_MS = 60_000

/**
 * Takes part in federated training: enrols once, asks the server what to do, and does it, one run after the other, for as long as the
 * processor runs. A server that is away costs nothing but a line in the log: detection does not need it.
 */
export function createFederation(options: FederationOptions): Federation {
  const { config, registry, log, clock, tls } = options
  const { url = '', personalise, cpu_budget: cpuShare } = config
  const state = new FileState(config.state, (message, error) => log.warn({ err: error }, message))
  const client = new FederationClient({ url, state, clock, tls })
  const metrics = createFederationMetrics(registry, () => client.traffic)
  const trainer = options.trainer ?? new ProcessTrainer()
  const standing = new Standing(url, clock)
  const site = new Site({
    client,
    trainer,
    metrics,
    standing,
    log,
    personalise,
    cpuShare,
    peersFile: config.peers_file,
  })
  const loop = new Exchange({ ...options, client, site, metrics, standing })
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  return {
    name: 'federation',
    status: () => standing.status(),
    async start() {
      const id = await client.clientId()
      if (id === undefined) await tokenOf(config)
      else standing.enrolled(id, await client.publicKey())
      running = loop.run(stopping.signal)
    },
    async stop() {
      stopping.abort(new Error('the processor stops'))
      await running
      await client.close()
    },
  }
}

/** @throws StartFault without a token, or when its file cannot be read */
async function tokenOf({ token, token_file }: FederationConfig): Promise<string> {
  if (token !== undefined) return token
  if (token_file === undefined)
    throw new StartFault(
      'federation: this site is not enrolled yet: set federation.token or federation.token_file to a token that an operator of the server made',
    )
  try {
    return (await readFile(token_file, 'utf8')).trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartFault(`federation.token_file ${token_file} cannot be read: ${reason}`)
  }
}

interface ExchangeOptions extends FederationOptions {
  readonly client: FederationClient
  readonly site: Site
  readonly metrics: FederationMetrics
  readonly standing: Standing
}

/** Asks and does, in turn, until it is told to stop. Never rejects. */
class Exchange {
  readonly #options: ExchangeOptions
  /** The last failure, so that one that lasts is told once. */
  #failing: string | undefined
  /** Told that there is nothing to train. */
  #idle = false

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const pause = this.#options.pause ?? ((ms) => sleep(ms, undefined, { signal }))
    while (!signal.aborted) {
      let ms: number
      try {
        ms = await this.#once(signal)
        this.#recovered()
      } catch (error) {
        if (signal.aborted) return
        this.#failed(error)
        ms = pauseAfterFailure(error, this.#options.config.poll_interval, Math.random())
      }
      await pause(ms, signal).catch(() => {})
    }
  }

  /** @returns how long to wait before the next time */
  async #once(signal: AbortSignal): Promise<number> {
    const { client, site, standing, config, log, networks, clock } = this.#options
    if ((await client.clientId()) === undefined) {
      const name = config.name ?? hostname()
      const id = await client.enrol({ name, token: await tokenOf(config) })
      const publicKey = await client.publicKey()
      standing.enrolled(id, publicKey)
      log.info(
        { client: id, name, public_key: publicKey },
        'enrolled at the federation server; other sites need client and public_key for secure aggregation',
      )
    }
    const own = (await networks()).filter(
      ({ stream }) => config.streams.length === 0 || config.streams.includes(stream),
    )
    if (own.length === 0 && !this.#idle) {
      this.#idle = true
      log.warn(`nothing to train together: ${NO_NETWORK}`)
    }
    const withData = own.filter(({ hasData }) => hasData)
    const streams = [...new Set(withData.map(({ stream }) => stream))]
    const watching = [...new Set(own.map(({ stream }) => stream))].filter((each) => !streams.includes(each))
    standing.idle(own.length === 0 ? NO_NETWORK : withData.length === 0 ? NO_DATA : undefined)
    const askedMs = clock()
    const waitSeconds = Math.min(LONGEST_WAIT_MS, config.poll_interval) / 1000
    const work = await client.poll({ streams, watching, waitSeconds, signal })
    const tookMs = clock() - askedMs
    standing.answered()
    let busy = false
    let failure: unknown
    for (const run of work.runs) {
      try {
        if (await site.attend(run, own, signal)) busy = true
      } catch (error) {
        // One run does not keep the others from theirs.
        signal.throwIfAborted()
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return pauseAfter(work.poll_seconds, tookMs, busy, config.poll_interval)
  }

  #recovered(): void {
    this.#options.standing.did()
    if (this.#failing !== undefined) this.#options.log.info('the federation server answers again')
    this.#failing = undefined
  }

  #failed(error: unknown): void {
    const { metrics, standing, log } = this.#options
    const reason = failureReason(error)
    metrics.failures.inc({ reason })
    standing.failed(error instanceof Error ? error.message : String(error), reason !== 'unreachable')
    const kind = error instanceof FederationError ? error.code : String(error)
    if (this.#failing !== kind)
      log.warn({ err: error }, 'no part in federated training for now; detection goes on')
    this.#failing = kind
  }
}
