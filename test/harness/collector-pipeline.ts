import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCollector } from './collector.ts'
import { sumOf } from './exposition.ts'
import { freePort, run, temporaryFolder, until } from './process.ts'

export type Exporter = 'otlp_grpc' | 'otlp_http'

export interface CollectorPipeline {
  /** OTLP/HTTP base URL of its receiver. */
  readonly url: string
  /** Of its own metrics, `_total` left out; summed over labels. */
  metric(name: string): Promise<number>
  output(): string
  stop(): Promise<void>
}

/**
 * A real collector: OTLP in, and the host's metrics when `hostMetricsEvery` (a duration like 1s) is given; out by one exporter to
 * `target`. `exporter` settings are added to the exporter's own.
 */
export async function startCollectorPipeline({
  protocol,
  target,
  hostMetricsEvery,
  exporter = {},
}: {
  protocol: Exporter
  target: { readonly grpcPort: number; readonly httpPort: number }
  hostMetricsEvery?: string
  exporter?: Record<string, unknown>
}): Promise<CollectorPipeline> {
  const folder = temporaryFolder()
  const [otlp, telemetry] = [await freePort(), await freePort()]
  const endpoint =
    protocol === 'otlp_grpc' ? `127.0.0.1:${target.grpcPort}` : `http://127.0.0.1:${target.httpPort}`
  const receivers = ['otlp', ...(hostMetricsEvery === undefined ? [] : ['hostmetrics'])]
  const exporters = [protocol]
  const file = join(folder.path, 'collector.yaml')
  const config = {
    receivers: {
      otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } },
      ...(hostMetricsEvery && {
        hostmetrics: { collection_interval: hostMetricsEvery, scrapers: HOST_SCRAPERS },
      }),
    },
    exporters: { [protocol]: { endpoint, tls: { insecure: true }, ...exporter } },
    service: {
      telemetry: {
        metrics: {
          level: 'normal',
          readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: telemetry } } } }],
        },
      },
      pipelines: {
        traces: { receivers: ['otlp'], exporters },
        logs: { receivers: ['otlp'], exporters },
        metrics: { receivers, exporters },
      },
    },
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config))
  const program = startCollector(file, {}, (text) => process.stderr.write(`${text}\n`))
  const own = `http://127.0.0.1:${telemetry}/metrics`
  const url = `http://127.0.0.1:${otlp}`
  const ended = program.exited.then((code) => {
    throw new Error(`the collector ended with ${code}:\n${program.output()}`)
  })
  ended.catch(() => {})
  await Promise.race([
    ended,
    until(`collector at ${url}`, async () => {
      await fetch(url)
      return (await fetch(own)).ok
    }),
  ])
  return {
    url,
    metric: async (name) => {
      const exposition = await (await fetch(own)).text()
      return sumOf(exposition, name) + sumOf(exposition, `${name}_total`)
    },
    output: program.output,
    stop: async () => {
      await program.stop()
      folder.remove()
    },
  }
}

const HOST_SCRAPERS = {
  cpu: {},
  memory: { metrics: { 'system.linux.memory.available': { enabled: true } } },
  load: {},
  disk: {},
  filesystem: {},
  network: {},
}

/** How long `builtCollector` may take, in ms: the first build takes minutes. */
export const BUILD_MS = 600_000

/** Sees to it that there is a collector. */
export async function builtCollector(): Promise<void> {
  const build = run(process.execPath, [join(import.meta.dirname, 'collector.ts')])
  if ((await build.exited) !== 0) throw new Error(build.output())
}
