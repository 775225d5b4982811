import { execFileSync } from 'node:child_process'
import { globSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAdf } from '../harness/adf.ts'
import { collector, collectorNeeds, hasCollector, startCollector } from '../harness/collector.ts'
import { BUILD_MS, builtCollector } from '../harness/collector-pipeline.ts'
import { componentsOf, restrictConfig } from '../harness/collector-restriction.ts'
import { sumOf } from '../harness/exposition.ts'
import { SIGNALS, startOtlpEndpoint } from '../harness/otlp-endpoint.ts'
import { freePort, temporaryFolder, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { SPANS_PER_REQUEST } from '../harness/shop.ts'
import { startTraffic } from '../harness/traffic.ts'

const folder = join(import.meta.dirname, '../../provisioning/otel-collector')
const files = globSync(join(folder, '*.yaml')).toSorted()
const ENV = {
  ADF_ENDPOINT: '127.0.0.1:14317',
  JAEGER_ENDPOINT: '127.0.0.1:34317',
  BACKBONE_ENDPOINT: '127.0.0.1:24317',
  ADF_HOST: 'localhost',
  KAFKA_BROKERS: '127.0.0.1:9092',
  TARGETS: '127.0.0.1:9100',
}

// Of each file what this collector was built with; docs/operations.md says what validated the rest.
describeWith(hasCollector() ? undefined : collectorNeeds, 'the collector of the tests', () => {
  const temporary = temporaryFolder()
  beforeAll(builtCollector, BUILD_MS)
  afterAll(() => temporary.remove())
  const restricted = (file: string, change: (config: Record<string, unknown>) => void = () => {}) => {
    const { config, left } = restrictConfig(file, componentsOf(collector()))
    if (config === undefined) return { left, path: undefined }
    change(config)
    const path = join(temporary.path, basename(file))
    writeFileSync(path, JSON.stringify(config))
    return { left, path }
  }

  test('accepts what it knows of every configuration', () => {
    const unknown = new Map<string, readonly string[]>()
    let accepted = 0
    for (const file of files) {
      const { path, left } = restricted(file)
      unknown.set(basename(file, '.yaml'), left)
      if (path === undefined) continue
      execFileSync(collector(), ['validate', `--config=${path}`], {
        env: { ...process.env, ...ENV },
        stdio: 'pipe',
      })
      accepted++
    }
    expect(accepted).toBe(3)
    // What is validated by the script alone.
    expect(Object.fromEntries(unknown)).toEqual({
      agent: [
        'receivers/filelog',
        'processors/memory_limiter',
        'processors/resourcedetection',
        'extensions/health_check',
        'extensions/file_storage',
      ],
      compose: ['processors/memory_limiter'],
      'compose-kafka': ['processors/memory_limiter', 'exporters/kafka'],
      'from-beats': ['receivers/kafka', 'processors/memory_limiter', 'processors/transform'],
      'from-jaeger-zipkin': ['receivers/jaeger', 'receivers/zipkin', 'processors/memory_limiter'],
      'from-kafka': ['receivers/kafka'],
      'from-prometheus': ['receivers/prometheus', 'processors/memory_limiter'],
      'from-remote-write': ['receivers/prometheusremotewrite', 'processors/memory_limiter'],
      gateway: [
        'processors/memory_limiter',
        'exporters/loadbalancing/traces',
        'exporters/loadbalancing/services',
        'extensions/health_check',
      ],
      'to-kafka': ['processors/memory_limiter', 'exporters/kafka', 'extensions/health_check'],
    })
  })

  test('while ADF is away the agent brings everything to the backbone once, and to ADF what its queue held', async () => {
    const backbone = await startOtlpEndpoint()
    const [otlp, metrics] = [await freePort(), await freePort()]
    let adf = await startAdf()
    await adf.kill()
    const { path } = restricted(join(folder, 'agent.yaml'), (config) => {
      // Ports, and the pace of retries; all else is as in the file.
      const { receivers, exporters, service } = config as {
        receivers: { otlp: { protocols: Record<string, object> } }
        exporters: Record<string, { retry_on_failure?: object }>
        service: { telemetry: object }
      }
      receivers.otlp.protocols = { http: { endpoint: `127.0.0.1:${otlp}` } }
      Object.assign(exporters['otlp_grpc/adf']?.retry_on_failure ?? {}, { max_interval: '1s' })
      service.telemetry = {
        metrics: { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: metrics } } } }] },
      }
    })
    const agent = startCollector(path ?? '', {
      BACKBONE_ENDPOINT: `127.0.0.1:${backbone.grpcPort}`,
      ADF_ENDPOINT: `127.0.0.1:${adf.grpcPort}`,
      HOST_METRICS_INTERVAL: '1s',
    })
    try {
      const url = `http://127.0.0.1:${otlp}`
      await until('the agent', async () => (await fetch(url)).status > 0)
      const traffic = startTraffic(url, { perSecond: 20 })
      await until('spans', () => traffic.sent.spans >= 20 * SPANS_PER_REQUEST)
      await traffic.stop()
      const { spans } = traffic.sent
      const own = async (name: string, exporter: string) => {
        const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()
        return sumOf(text, name, { exporter }) + sumOf(text, `${name}_total`, { exporter })
      }
      // The backbone had each span once, with nobody there at ADF's address.
      await until(
        'all spans at the backbone',
        async () => (await own('otelcol_exporter_sent_spans', 'otlp_grpc/backbone')) >= spans,
      )
      expect(await own('otelcol_exporter_sent_spans', 'otlp_grpc/backbone')).toBe(spans)
      expect(await own('otelcol_exporter_sent_spans', 'otlp_grpc/adf')).toBe(0)
      await until('every signal at the backbone', () => {
        const signals = new Set(backbone.received.map(({ signal }) => signal))
        return SIGNALS.every((signal) => signals.has(signal))
      })
      // Then ADF comes, and gets what waited for it.
      adf = await adf.restart()
      await until(
        'all spans at ADF',
        async () => (await adf.metric('adf_receiver_spans_total', { outcome: 'accepted' })) >= spans,
        60_000,
      )
      expect(await adf.metric('adf_receiver_spans_total', { outcome: 'accepted' })).toBe(spans)
      expect(await own('otelcol_exporter_enqueue_failed_spans', 'otlp_grpc/adf')).toBe(0)
    } finally {
      await agent.stop()
      await adf.stop()
      await backbone.stop()
    }
  })
})
