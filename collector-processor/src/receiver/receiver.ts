import { type Component, createHttpListener, type Logger, type TokenAuthority } from '@adf/service'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import { INSTRUMENTS } from '../feature/metric/instruments.ts'
import type { TelemetrySink } from '../telemetry/batch.ts'
import type { Clock } from '../telemetry/clock.ts'
import type { TelemetryForward } from '../telemetry/forward.ts'
import type { ResourceTable } from '../telemetry/resource-table.ts'
import type { Signal } from '../telemetry/signal.ts'
import { createTables, type TelemetryTables } from '../telemetry/tables.ts'
import type { Admission } from './admission.ts'
import { createGrpcListener } from './grpc/listener.ts'
import { createHttpHandler } from './http/handler.ts'
import { Intake, type Received } from './intake.ts'
import type { RefusalKind } from './refusal.ts'

export interface ReceiverOptions {
  readonly config: Config['receiver']
  readonly auth: TokenAuthority
  readonly sink: TelemetrySink
  readonly forward: TelemetryForward | undefined
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Logger
  /** Listen beyond loopback without tokens or client certificates. */
  readonly insecure?: boolean
  /** For so long a request with log records that comes again is not counted twice. */
  readonly repeatWindowMs: number
  /** Made from the config when left out. */
  readonly tables?: TelemetryTables
}

export interface Receiver extends Component {
  /** Ports in use; 0 before start(). */
  readonly grpcPort: number
  readonly httpPort: number
  readonly received: Readonly<Record<Signal, Readonly<Received>>>
  /** What new services and instances are known by from now on. */
  readonly resources: ResourceTable
  /** Room for the bytes of requests, for other ways in as well. */
  readonly admission: Admission
  /** What is done with the bytes of a request, for other ways in as well. */
  readonly intake: Pick<Intake, 'protobuf' | 'json'>
  /** Counts a request with events that was refused. */
  eventsRefused(kind: RefusalKind): void
}

/** Longer than the minute in which SDKs send their metrics: a connection closed as it is used again costs the request. */
const KEEP_ALIVE_MS = 75_000

/** OTLP over gRPC and HTTP. A request is acknowledged once the sink and the forwarders have it. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { config, auth, log, registry, insecure = false } = options
  const tables = options.tables ?? createTables(config, registry, INSTRUMENTS.keys())
  const intake = new Intake({
    tables,
    sink: options.sink,
    forward: options.forward,
    registry,
    clock: options.clock,
    maxInFlight: config.max_in_flight,
    maxWaitMs: config.max_wait,
    maxClockSkewMs: config.max_clock_skew,
    repeatWindowMs: options.repeatWindowMs,
  })
  const shared = {
    intake,
    auth,
    log,
    insecure,
    maxRequestSize: config.max_request_size,
    requestTimeoutMs: config.request_timeout,
    maxConnections: config.max_connections,
  }
  const grpc = createGrpcListener({ ...shared, listener: config.grpc })
  const http = createHttpListener({
    name: 'receiver.http',
    requestTimeoutMs: config.request_timeout,
    keepAliveMs: KEEP_ALIVE_MS,
    maxConnections: config.max_connections,
    dropped: () => intake.counters.connectionEnded('http', 'too_many'),
    listener: config.http,
    handler: createHttpHandler(shared),
    auth,
    insecure,
    log,
  })
  return {
    name: 'receiver',
    received: intake.received,
    resources: tables.resources,
    admission: intake.admission,
    intake,
    eventsRefused: (kind) => intake.counters.refused('events', 'http', kind),
    async start() {
      await grpc.start()
      try {
        await http.start()
      } catch (error) {
        await grpc.stop()
        throw error
      }
    },
    async stop() {
      await Promise.all([grpc.stop(), http.stop()])
    },
    get grpcPort() {
      return grpc.port
    },
    get httpPort() {
      return http.port
    },
  }
}
