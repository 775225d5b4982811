import type { FaultName } from '../faults/catalogue.ts'
import { DemoProcess } from '../run/process.ts'
import type { Addresses } from '../runtime/control.ts'
import { DATABASE, NAMESPACE, QUEUE, SERVICES, type ServiceSpec, specOf } from './topology.ts'

const START_TIMEOUT_MS = 60_000
const SLOW_QUERY_MS = 500

const MAIN = new URL('../services/main.ts', import.meta.url)
const TELEMETRY = new URL('../runtime/telemetry.ts', import.meta.url)

export interface ShopOptions {
  /** Where the services send their telemetry: `http://127.0.0.1:4317`, OTLP over gRPC. */
  readonly otlpEndpoint: string
  readonly seed: number
  /** Only these services; all when left out. */
  readonly services?: readonly string[]
}

/** The variables that set up the SDK of one service, as an operator would set them. */
function telemetryOf(spec: ServiceSpec, endpoint: string): NodeJS.ProcessEnv {
  return {
    OTEL_SERVICE_NAME: spec.name,
    OTEL_RESOURCE_ATTRIBUTES: [
      `service.namespace=${NAMESPACE}`,
      `service.version=${spec.version}`,
      `service.instance.id=${spec.name}-1`,
      // As in containers, each has a host name of its own.
      `host.name=${spec.name}-1`,
    ].join(','),
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_SEMCONV_STABILITY_OPT_IN: 'http',
    // The demo's windows move by 250 ms: telemetry that waits for seconds would be late for them.
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_BLRP_SCHEDULE_DELAY: '200',
    // A process that is nearly idle is busy for a tenth of a second now and then: over 3 s that is no news.
    OTEL_METRIC_EXPORT_INTERVAL: '3000',
    OTEL_METRIC_EXPORT_TIMEOUT: '2000',
    OTEL_LOG_LEVEL: 'none',
  }
}

/** The running shop: its processes, its addresses, its faults. */
export class RunningShop {
  readonly #options: ShopOptions
  readonly #specs: readonly ServiceSpec[]
  readonly #processes = new Map<string, DemoProcess>()
  #addresses: Addresses = {}
  #stopping = false
  readonly #down = new Set<string>()

  constructor(options: ShopOptions) {
    this.#options = options
    this.#specs = options.services?.map(specOf) ?? SERVICES
  }

  get services(): readonly string[] {
    return this.#specs.map((spec) => spec.name)
  }

  get pids(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#processes].map(([name, process]) => [name, process.pid]))
  }

  addressOf(service: string): string {
    return `http://127.0.0.1:${this.#addresses[service]}`
  }

  async start(): Promise<void> {
    const { seed } = this.#options
    const args = [String(seed)]
    this.#processes.set(
      DATABASE,
      new DemoProcess(DATABASE, new URL('../services/database.ts', import.meta.url), { args }),
    )
    this.#processes.set(QUEUE, new DemoProcess(QUEUE, new URL('../services/queue.ts', import.meta.url)))
    for (const spec of this.#specs) this.#processes.set(spec.name, this.#spawn(spec, 0))
    try {
      await Promise.all([...this.#processes].map(([name, process]) => this.#awaitReady(name, process)))
    } catch (error) {
      await this.stop()
      throw error
    }
    this.#tellAddresses()
  }

  /** Starts a fault. Rejects when the fault needs a process that is not there. */
  async inject(fault: FaultName, service: string): Promise<void> {
    const process = this.#processes.get(service)
    if (!process) throw new Error(`${service} does not run`)
    if (fault === 'crash') {
      this.#down.add(service)
      await process.kill()
    } else if (fault === 'database') {
      this.#processes.get(DATABASE)?.send({ kind: 'slow-queries', service, ms: SLOW_QUERY_MS })
    } else process.send({ kind: 'fault', fault })
  }

  async heal(fault: FaultName, service: string): Promise<void> {
    if (fault === 'crash') {
      const process = this.#spawn(specOf(service), this.#addresses[service] ?? 0)
      this.#processes.set(service, process)
      this.#down.delete(service)
      await this.#awaitReady(service, process)
      this.#tellAddresses()
    } else if (fault === 'database') {
      this.#processes.get(DATABASE)?.send({ kind: 'slow-queries', service, ms: 0 })
    } else this.#processes.get(service)?.send({ kind: 'fault', fault: null })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all([...this.#processes.values()].map((process) => process.stop()))
  }

  /** A process that ended without being told to: its name and last words. */
  onUnexpectedExit(listener: (name: string, tail: string) => void): void {
    for (const [name, process] of this.#processes) {
      process.onExit(() => {
        if (!this.#stopping && !this.#down.has(name)) listener(name, process.tail)
      })
    }
  }

  #spawn(spec: ServiceSpec, port: number): DemoProcess {
    return new DemoProcess(spec.name, MAIN, {
      args: ['--service', spec.name, '--seed', String(this.#options.seed), '--port', String(port)],
      imports: [TELEMETRY],
      env: telemetryOf(spec, this.#options.otlpEndpoint),
    })
  }

  async #awaitReady(name: string, process: DemoProcess): Promise<void> {
    const { port } = await process.ready(START_TIMEOUT_MS)
    this.#addresses = { ...this.#addresses, [name]: port }
  }

  #tellAddresses(): void {
    for (const process of this.#processes.values()) {
      process.send({ kind: 'addresses', addresses: this.#addresses })
    }
  }
}
