import { join } from 'node:path'
import { startAdf } from '../../../../test/harness/adf.ts'
import { collectorNeeds, hasCollector, startCollector } from '../../../../test/harness/collector.ts'
import { freePort, until } from '../../../../test/harness/process.ts'
import { Missing } from '../../suite.ts'

/** A server under measurement, as a process of its own. */
interface Subject {
  readonly pid: number
  readonly grpcPort: number
  readonly httpPort: number
  stop(): Promise<unknown>
}

/** Starts a subject; `forwardPort` is an OTLP/gRPC endpoint that gets a copy of everything. */
export type StartSubject = (
  forwardPort: number | undefined,
  progress: (text: string) => void,
) => Promise<Subject>

/** `adf up` with its defaults: graph, features and scoring on. */
export const startAdfSubject: StartSubject = async (forwardPort) => {
  const endpoint = {
    name: 'next',
    protocol: 'grpc',
    endpoint: `127.0.0.1:${forwardPort}`,
    queue_size: '256MiB',
  }
  const adf = await startAdf({
    log: { level: 'warn' },
    ...(forwardPort !== undefined && { deliver: { forward: [endpoint] } }),
  })
  return { pid: pidOf(adf.process.child.pid), grpcPort: adf.grpcPort, httpPort: adf.httpPort, stop: adf.stop }
}

/** The OpenTelemetry Collector with its servicegraph and spanmetrics connectors. */
export const startCollectorSubject: StartSubject = async (forwardPort, progress) => {
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
  return { pid: pidOf(collector.child.pid), grpcPort, httpPort, stop: () => collector.stop() }
}

function pidOf(pid: number | undefined): number {
  if (pid === undefined) throw new Error('the process did not start')
  return pid
}
