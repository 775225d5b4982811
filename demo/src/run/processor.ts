import { join } from 'node:path'
import { EntityPage, type EntityStatus, Graph, Incident, IncidentPage } from '@adf/contract'
import { exampleStreams } from '../simulate/streams.ts'
import { AdfProcess } from './adf-process.ts'
import { FEDERATED_NETWORK, federationSection, type Membership } from './membership.ts'
import { freePort } from './ports.ts'

export interface ProcessorOptions {
  /** The `adf` program. */
  readonly program: URL
  /** How often windows are scored, as in config: `250ms`. */
  readonly step: string
  /** Alertmanagers that get the alerts. */
  readonly alertmanagers: readonly string[]
  /** Port of the console; undefined: none. */
  readonly consolePort?: number
  /** Port of the Alertmanager webhook; it must be known before Alertmanager starts. */
  readonly webhookPort: number
  /** Takes part in a federation; undefined: in none. */
  readonly membership?: Membership | undefined
}

/** `adf up` with its webhook in a process of its own, with its store in a temporary folder, set to learn and to see faster than in production. */
export class DemoProcessor {
  readonly #process: AdfProcess
  readonly grpcPort: number
  readonly httpPort: number
  /** Where people look at it; undefined: nowhere. */
  readonly console: string | undefined
  /** The Alertmanager webhook in the same process: what tunes thresholds. */
  readonly webhook: string

  private constructor(
    process: AdfProcess,
    at: Pick<DemoProcessor, 'grpcPort' | 'httpPort' | 'console' | 'webhook'>,
  ) {
    this.#process = process
    this.grpcPort = at.grpcPort
    this.httpPort = at.httpPort
    this.console = at.console
    this.webhook = at.webhook
  }

  static async start(options: ProcessorOptions): Promise<DemoProcessor> {
    const { program, consolePort, webhookPort, membership } = options
    const [grpcPort, httpPort] = [await freePort(4317), await freePort(4318)]
    const url = `http://127.0.0.1:${await freePort(8080)}`
    const console = consolePort === undefined ? undefined : `http://127.0.0.1:${consolePort}`
    const process = await AdfProcess.start({
      name: 'adf up',
      program,
      url,
      args: [
        'up',
        ...['--config', 'adf.yaml', '--webhook', 'webhook.yaml'],
        ...['--console', consolePort === undefined ? 'off' : String(consolePort)],
        ...(membership && consolePort !== undefined ? ['--console-federation', membership.url] : []),
      ],
      configs: (folder) => ({
        'adf.yaml': processorConfig(options, { folder, grpcPort, httpPort, url, console }),
        'webhook.yaml': webhookConfig(webhookPort, folder),
      }),
    })
    const webhook = `http://127.0.0.1:${webhookPort}`
    return new DemoProcessor(process, { grpcPort, httpPort, console, webhook })
  }

  get api(): string {
    return this.#process.url
  }

  get pid(): number {
    return this.#process.pid
  }

  onUnexpectedExit(listener: (tail: string) => void): void {
    this.#process.onUnexpectedExit(listener)
  }

  async entities(): Promise<readonly EntityStatus[]> {
    return EntityPage.parse(await this.#get('/api/entities?stream=service&limit=500')).items
  }

  async graph(): Promise<Graph> {
    return Graph.parse(await this.#get('/api/graph'))
  }

  /** Newest first. */
  async incidents(): Promise<readonly Incident[]> {
    return IncidentPage.parse(await this.#get('/api/incidents?limit=20')).items
  }

  async incident(id: string): Promise<Incident> {
    return Incident.parse(await this.#get(`/api/incidents/${id}`))
  }

  stop(): Promise<void> {
    return this.#process.stop()
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(this.api + path)
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`)
    return response.json()
  }
}

function processorConfig(
  { step, alertmanagers, membership }: ProcessorOptions,
  at: {
    readonly folder: string
    readonly grpcPort: number
    readonly httpPort: number
    readonly url: string
    readonly console: string | undefined
  },
) {
  return {
    log: { level: 'warn' },
    receiver: { grpc: { port: at.grpcPort }, http: { port: at.httpPort } },
    api: { port: Number(new URL(at.url).port) },
    edge: {
      window: '5s',
      step,
      interval: '3s',
      // Beside what judges, one that can be compared with it.
      detection: { settle: 60, compare: membership ? ['pca', FEDERATED_NETWORK] : ['pca'] },
    },
    streams: exampleStreams(),
    graph: { slot: '1s' },
    incident: { resolve_after: '15s' },
    deliver: {
      alertmanager: { urls: alertmanagers },
      external_url: at.console === undefined ? at.url : `${at.console}/a/adf-app`,
    },
    store: { path: join(at.folder, 'adf.db') },
    ...(membership && { federation: federationSection(membership, at.folder) }),
  }
}

const webhookConfig = (port: number, folder: string) => ({
  log: { level: 'warn' },
  api: { port },
  // Someone is watching: what the tuner makes of a verdict shall be seen within seconds, and not after 20 of them.
  following: '1s',
  // Nothing is tried by chance: of one verdict nobody would understand it.
  thresholding: { interval: '2s', step_verdicts: 1, rl_tuner: { epsilon: 0 } },
  store: { path: join(folder, 'webhook.db') },
})
