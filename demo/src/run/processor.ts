import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EntityPage, type EntityStatus, Graph, Incident, IncidentPage } from '@adf/contract'
import { exampleStreams } from '../simulate/streams.ts'
import { FEDERATED_NETWORK, federationSection, type Membership } from './membership.ts'
import { freePort } from './ports.ts'
import { DemoProcess } from './process.ts'
import { ready } from './ready.ts'

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
  readonly #process: DemoProcess
  readonly #folder: string
  readonly grpcPort: number
  readonly httpPort: number
  readonly api: string
  /** Where people look at it; undefined: nowhere. */
  readonly console: string | undefined
  /** The Alertmanager webhook in the same process: what tunes thresholds. */
  readonly webhook: string

  private constructor(
    process: DemoProcess,
    folder: string,
    ports: { readonly grpc: number; readonly http: number },
    at: { readonly api: string; readonly webhook: string; readonly console: string | undefined },
  ) {
    this.console = at.console
    this.webhook = at.webhook
    this.#process = process
    this.#folder = folder
    this.grpcPort = ports.grpc
    this.httpPort = ports.http
    this.api = at.api
  }

  static async start(options: ProcessorOptions): Promise<DemoProcessor> {
    const grpcPort = await freePort(4317)
    const httpPort = await freePort(4318)
    const apiPort = await freePort(8080)
    const { webhookPort, membership } = options
    const webhook = `http://127.0.0.1:${webhookPort}`
    const api = `http://127.0.0.1:${apiPort}`
    const { consolePort } = options
    const console = consolePort === undefined ? undefined : `http://127.0.0.1:${consolePort}`
    const folder = mkdtempSync(join(tmpdir(), 'adf-demo-'))
    const config = join(folder, 'adf.yaml')
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        log: { level: 'warn' },
        receiver: { grpc: { port: grpcPort }, http: { port: httpPort } },
        api: { port: apiPort },
        edge: {
          window: '5s',
          step: options.step,
          interval: '3s',
          // Beside what judges, one that can be compared with it.
          detection: { settle: 60, compare: membership ? ['pca', FEDERATED_NETWORK] : ['pca'] },
        },
        streams: exampleStreams(),
        graph: { slot: '1s' },
        incident: { resolve_after: '15s' },
        deliver: {
          alertmanager: { urls: options.alertmanagers },
          external_url: console === undefined ? api : `${console}/a/adf-app`,
        },
        store: { path: join(folder, 'adf.db') },
        ...(membership && { federation: federationSection(membership, folder) }),
      }),
    )
    const webhookConfig = join(folder, 'webhook.yaml')
    writeFileSync(
      webhookConfig,
      JSON.stringify({
        log: { level: 'warn' },
        api: { port: webhookPort },
        // Someone is watching: what the tuner makes of a verdict shall be seen within seconds, and not after 20 of them.
        following: '1s',
        // Nothing is tried by chance: of one verdict nobody would understand it.
        thresholding: { interval: '2s', step_verdicts: 1, rl_tuner: { epsilon: 0 } },
        store: { path: join(folder, 'webhook.db') },
      }),
    )
    const process = new DemoProcess('adf up', options.program, {
      args: [
        'up',
        ...['--config', config, '--webhook', webhookConfig],
        ...['--console', consolePort === undefined ? 'off' : String(consolePort)],
        ...(membership && consolePort !== undefined ? ['--console-federation', membership.url] : []),
      ],
      cwd: folder,
      env: { DEMO_FOLDER: folder },
    })
    const processor = new DemoProcessor(
      process,
      folder,
      { grpc: grpcPort, http: httpPort },
      { api, webhook, console },
    )
    try {
      await ready(process, api)
    } catch (error) {
      await processor.stop()
      throw error
    }
    return processor
  }

  get pid(): number {
    return this.#process.pid
  }

  onUnexpectedExit(listener: (tail: string) => void): void {
    this.#process.onExit(() => listener(this.#process.tail))
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

  async stop(): Promise<void> {
    await this.#process.stop({ signal: 'SIGTERM', graceMs: 5000 })
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(this.api + path)
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`)
    return response.json()
  }
}
