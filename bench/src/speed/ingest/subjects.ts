import { join } from 'node:path'
import { startAdf } from '../../../../test/harness/adf.ts'
import { collectorNeeds, hasCollector, startCollector } from '../../../../test/harness/collector.ts'
import { freePort, until } from '../../../../test/harness/process.ts'
import { type BenchOptions, Missing } from '../../suite.ts'
import { ENTITIES, SERVICES } from './load/services.ts'

/** A server under measurement, as a process of its own. */
export interface Subject {
  readonly pid: number
  readonly grpcPort: number
  readonly httpPort: number
  /** Whether it does all of the work that is compared now. */
  isWarm(): Promise<boolean>
  /** Vectors that it found anomalous. */
  anomalies(): Promise<number>
  /** Rejects when it did not do the work that is compared. */
  check(): Promise<void>
  stop(): Promise<unknown>
}

/** From each service to the next; the last one's has no answer. */
const CALLS = SERVICES - 1

/** Starts a subject; `forwardPort` is an OTLP/gRPC endpoint that gets a copy of everything. */
export type StartSubject = (
  forwardPort: number | undefined,
  options: Pick<BenchOptions, 'quick' | 'progress'>,
) => Promise<Subject>

/** `adf up` with its defaults, graph, features and scoring on; when it must be quick, scoring begins with the first vectors. */
export const startAdfSubject: StartSubject = async (forwardPort, { quick }) => {
  const endpoint = {
    name: 'next',
    protocol: 'grpc',
    endpoint: `127.0.0.1:${forwardPort}`,
    queue_size: '256MiB',
  }
  const adf = await startAdf({
    log: { level: 'warn' },
    ...(quick && { edge: { detection: { settle: 0, warm_up: 10 } } }),
    ...(forwardPort !== undefined && { deliver: { forward: [endpoint] } }),
  })
  return {
    pid: pidOf(adf.process.child.pid),
    grpcPort: adf.grpcPort,
    httpPort: adf.httpPort,
    isWarm: async () => {
      const learned = await adf.metric('adf_training_jobs_total', { kind: 'warm_up', outcome: 'done' })
      return learned >= ENTITIES && (await adf.metric('adf_vectors_scored_total')) > 2 * ENTITIES
    },
    anomalies: () => adf.metric('adf_anomalies_detected_total'),
    check: async () => {
      const graph = await adf.json<{ edges: { connection: string }[] }>('/api/graph')
      const found = graph.edges.filter(({ connection }) => connection === 'call').length
      if (found < CALLS) throw new Error(`ADF knows ${found} of the ${CALLS} calls between services`)
    },
    stop: adf.stop,
  }
}

/** The OpenTelemetry Collector with its servicegraph and spanmetrics connectors. */
export const startCollectorSubject: StartSubject = async (forwardPort, { progress }) => {
  if (!hasCollector()) throw new Missing(collectorNeeds)
  const [grpcPort, httpPort] = [await freePort(), await freePort()]
  const file = forwardPort === undefined ? 'receive.yaml' : 'forward.yaml'
  const collector = startCollector(
    join(import.meta.dirname, 'otelcol', file),
    { GRPC_PORT: `${grpcPort}`, HTTP_PORT: `${httpPort}`, FORWARD_PORT: `${forwardPort}` },
    progress,
  )
  await until(`the collector on port ${httpPort}\n${collector.output()}`, async () => {
    const headers = { 'content-type': 'application/json' }
    const url = `http://127.0.0.1:${httpPort}/v1/traces`
    return (await fetch(url, { method: 'POST', headers, body: '{}' })).ok
  })
  return {
    pid: pidOf(collector.child.pid),
    grpcPort,
    httpPort,
    isWarm: async () => true,
    anomalies: async () => 0,
    check: async () => {
      const points = (connector: string) => dataPointsOf(collector.output(), connector)
      const [graph, spans] = [points('servicegraph'), points('span_metrics')]
      if (graph < CALLS || spans < 2 * SERVICES)
        throw new Error(`the Collector's connectors made only ${graph} and ${spans} data points`)
    },
    stop: () => collector.stop(),
  }
}

/** Of the last flush of a connector, as its `debug` exporter tells on standard error. */
function dataPointsOf(output: string, connector: string): number {
  const line = output.split('\n').findLast((text) => text.includes(`"debug/${connector}"`))
  return Number(/"data points": (\d+)/.exec(line ?? '')?.[1] ?? 0)
}

function pidOf(pid: number | undefined): number {
  if (pid === undefined) throw new Error('the process did not start')
  return pid
}
