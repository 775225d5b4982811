import { createHash } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { EntityPage, EntityStatus, Graph } from '@adf/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { collectorNeeds, hasCollector } from '../harness/collector.ts'
import {
  BUILD_MS,
  builtCollector,
  type CollectorPipeline,
  type Exporter,
  startCollectorPipeline,
} from '../harness/collector-pipeline.ts'
import { type Received, rawExporter, SIGNALS, startOtlpEndpoint } from '../harness/otlp-endpoint.ts'
import { until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { EDGES, LOGS_PER_REQUEST, SERVICES, SPANS_PER_REQUEST } from '../harness/shop.ts'
import { startTraffic } from '../harness/traffic.ts'
import { attribute, field, fixed64, integer, nanos, wireSpan } from '../scenarios/protobuf.ts'

const PER_SECOND = 40
const EDGE = { window: '1s', step: '100ms', interval: '1s', detection: { warm_up: 20 } }
const HOST = 'unknown_host'

describeWith(hasCollector() ? undefined : collectorNeeds, 'a real OpenTelemetry Collector', () => {
  beforeAll(builtCollector, BUILD_MS)

  describe.each<Exporter>(['otlp_grpc', 'otlp_http'])('over %s', (protocol) => {
    const transport = protocol === 'otlp_grpc' ? 'grpc' : 'http'
    let adf: RunningAdf
    let pipeline: CollectorPipeline
    let requests: number
    let services: readonly (EntityStatus | undefined)[]

    beforeAll(async () => {
      adf = await startAdf({ edge: EDGE })
      pipeline = await startCollectorPipeline({ protocol, target: adf, hostMetricsEvery: '1s' })
      const traffic = startTraffic(pipeline.url, { perSecond: PER_SECOND })
      // While the shop is in use: an idle one would have a rate of 0 in the windows that follow.
      await until('a rate for every service, and two collections of the host', async () => {
        const rates = await Promise.all(SERVICES.map((one) => value(adf, one, 'service', 'request_rate')))
        const throughput = await value(adf, HOST, 'host', 'network_throughput_mbps')
        return rates.every((rate) => rate !== null && rate > 0) && throughput !== null
      })
      services = await Promise.all(SERVICES.map((one) => entity(adf, one)))
      await traffic.stop()
      requests = traffic.sent.spans / SPANS_PER_REQUEST
    })
    afterAll(async () => {
      await pipeline?.stop()
      await adf?.stop()
    })

    test('sends what ADF counts, and nothing is rejected', async () => {
      const sent = {
        spans: requests * SPANS_PER_REQUEST,
        logs: requests * LOGS_PER_REQUEST,
      }
      await until('all spans and logs', async () => {
        const spans = await adf.metric('adf_receiver_spans_total')
        const logs = await adf.metric('adf_receiver_log_records_total')
        return spans >= sent.spans && logs >= sent.logs
      })
      for (const [theirs, ours] of [
        ['spans', 'spans'],
        ['metric_points', 'points'],
        ['log_records', 'log_records'],
      ] as const) {
        // Host metrics go on: between two collections both counts stand still.
        const [exported, accepted] = await until(`equal counts of ${theirs}`, async () => {
          const before = await pipeline.metric(`otelcol_exporter_sent_${theirs}`)
          const count = await adf.metric(`adf_receiver_${ours}_total`, { transport, outcome: 'accepted' })
          const after = await pipeline.metric(`otelcol_exporter_sent_${theirs}`)
          return before === after && before === count && ([before, count] as const)
        })
        expect(exported).toBe(accepted)
        expect(exported).toBeGreaterThan(0)
        expect(await pipeline.metric(`otelcol_exporter_send_failed_${theirs}`)).toBe(0)
        // Nothing under another outcome or transport.
        expect(await adf.metric(`adf_receiver_${ours}_total`, { outcome: 'accepted' })).toBe(
          await adf.metric(`adf_receiver_${ours}_total`),
        )
      }
      expect(await adf.metric('adf_receiver_spans_total')).toBe(sent.spans)
      expect(await adf.metric('adf_receiver_log_records_total')).toBe(sent.logs)
    })

    test('every service is an entity with its features', () => {
      expect(services.map((one) => one?.entity.id)).toEqual(SERVICES)
      for (const service of services) {
        expect(service?.entity).toMatchObject({ kind: 'service', service: service?.entity.id })
        const features = featuresOf(service, 'service')
        expect(features['request_rate']).toBeCloseTo(PER_SECOND, -1)
        expect(features['log_rate']).toBeCloseTo(PER_SECOND, -1)
        expect(features).toMatchObject({ error_rate: 0, log_error_rate: 0, cpu_usage_percent: null })
        const { latency_p50: p50, latency_p95: p95, latency_p99: p99 } = features
        expect(p50).toBeGreaterThan(4)
        expect(p95).toBeGreaterThanOrEqual(p50 ?? Number.NaN)
        expect(p99).toBeGreaterThanOrEqual(p95 ?? Number.NaN)
        expect(p99).toBeLessThan(60)
      }
    })

    test('the host is an entity with every feature that Linux gives', async () => {
      const host = await entity(adf, HOST)
      expect(host?.entity).toEqual({ id: HOST, kind: 'host', host: HOST })
      const features = featuresOf(host, 'host')
      const between = (name: string, low: number, high: number) => {
        expect(features[name], name).toBeGreaterThanOrEqual(low)
        expect(features[name], name).toBeLessThanOrEqual(high)
      }
      between('cpu_usage_percent', 0, 100)
      between('cpu_load1', 0, 1000)
      between('cpu_load5', 0, 1000)
      between('memory_usage_percent', 1, 100)
      between('memory_available_mb', 50, totalmem() / 1e6)
      const { blocks, bfree } = statfsSync('/')
      // The fullest file system: at least as full as the root.
      between('disk_usage_percent', Math.floor((1 - bfree / blocks) * 95), 100)
      between('network_throughput_mbps', 0, 1e6)
      // Ratios have no value in a second without a single operation or packet; then that is what is said of them.
      for (const [name, high] of [
        ['disk_read_latency_ms', 60_000],
        ['disk_write_latency_ms', 60_000],
        ['network_tx_error_rate', 1],
        ['network_rx_error_rate', 1],
        ['network_drop_rate', 1],
      ] as const) {
        if (features[name] === null)
          expect(missing(host, name), name).toMatch(/ came, .*nothing to divide by/)
        else between(name, 0, high)
      }
    })

    test('the causal graph has every edge, with every call, and no other', async () => {
      const graph = await until('all calls in the graph', async () => {
        const seen = await adf.json<Graph>('/api/graph')
        return seen.edges.length >= EDGES.length && seen.edges.every((edge) => edge.calls >= requests) && seen
      })
      expect(graph.edges.map(({ client, server }) => `${client} ${server}`).sort()).toEqual([...EDGES].sort())
      for (const edge of graph.edges) expect(edge).toMatchObject({ calls: requests, failures: 0 })
      expect(
        graph.nodes
          .filter((node) => node.kind === 'service')
          .map((node) => node.id)
          .sort(),
      ).toEqual([...SERVICES].sort())
    })
  })
})

describe('what ADF forwards', () => {
  let copy: Awaited<ReturnType<typeof startOtlpEndpoint>>
  let adf: RunningAdf

  beforeAll(async () => {
    copy = await startOtlpEndpoint()
    adf = await startAdf({
      edge: EDGE,
      deliver: {
        forward: [
          { name: 'over-grpc', protocol: 'grpc', endpoint: `127.0.0.1:${copy.grpcPort}` },
          { name: 'over-http', protocol: 'http', endpoint: `http://127.0.0.1:${copy.httpPort}` },
        ],
      },
    })
  })
  afterAll(async () => {
    await adf?.stop()
    copy?.stop()
  })

  const forwardedBy = (protocol: 'grpc' | 'http', bodies: readonly Received[]) =>
    until(`${bodies.length} bodies over ${protocol}`, () => {
      const arrived = copy.received.filter((one) => one.protocol === protocol)
      return arrived.length >= bodies.length && arrived
    })

  test.each(['grpc', 'http'] as const)(
    'is byte for byte what came over %s, fields that it does not know included',
    async (protocol) => {
      copy.received.length = 0
      const raw = rawExporter(adf)
      const sent = SIGNALS.map((signal) => ({ protocol, signal, body: KNOWN[signal] }))
      for (const { signal, body } of sent) await raw.send(protocol, signal, body)
      raw.close()
      for (const over of ['grpc', 'http'] as const) {
        const arrived = await forwardedBy(over, sent)
        for (const signal of SIGNALS)
          expect(arrived.filter((one) => one.signal === signal).map((one) => one.body)).toEqual([
            KNOWN[signal],
          ])
      }
    },
  )

  describeWith(hasCollector() ? undefined : collectorNeeds, 'from a real collector', () => {
    beforeAll(builtCollector, BUILD_MS)

    test.each<Exporter>(['otlp_grpc', 'otlp_http'])('is what %s sent', async (protocol) => {
      copy.received.length = 0
      const tap = await startOtlpEndpoint(adf)
      const pipeline = await startCollectorPipeline({
        protocol,
        target: tap,
        hostMetricsEvery: '1s',
        exporter: { compression: 'none' },
      })
      try {
        const traffic = startTraffic(pipeline.url, { perSecond: PER_SECOND })
        await until('each signal', () => SIGNALS.every((signal) => count(tap.received, signal) >= 3))
        await traffic.stop()
        await until(
          'everything sent',
          async () => (await pipeline.metric('otelcol_exporter_sent_log_records')) === traffic.sent.logs,
        )
      } finally {
        await pipeline.stop()
        tap.stop()
      }
      const sent = tap.received
      for (const over of ['grpc', 'http'] as const)
        expect(hashes(await forwardedBy(over, sent))).toEqual(hashes(sent))
      expect(await adf.metric('adf_forward_dropped_requests_total')).toBe(0)
    })
  })
})

/** Fields that no version of OTLP has: who re-encodes loses them. */
const unknown = Buffer.concat([integer(1000, 7), field(1001, 'not known')])
const scoped = (record: Buffer) =>
  Buffer.concat([
    field(
      1,
      unknown,
      field(2, field(1, field(1, 'scope')), field(2, record, unknown)),
      field(1, attribute(1, 'service.name', 'known'), unknown),
    ),
    unknown,
  ])
const now = fixed64(3, nanos(Date.now()))
const KNOWN = {
  traces: scoped(wireSpan()),
  metrics: scoped(Buffer.concat([field(1, 'queue.length'), field(5, field(1, now, fixed64(6, 5n)))])),
  logs: scoped(Buffer.concat([fixed64(1, nanos(Date.now())), integer(2, 9), field(5, field(1, 'hello'))])),
}

const count = (bodies: readonly Received[], signal: string) =>
  bodies.filter((one) => one.signal === signal).length
const hashes = (bodies: readonly Received[]) =>
  bodies.map(({ signal, body }) => `${signal} ${createHash('sha256').update(body).digest('hex')}`).sort()

async function entity(adf: RunningAdf, id: string): Promise<EntityStatus | undefined> {
  const page = await adf.json<EntityPage>('/api/entities')
  return page.items.find((one) => one.entity.id === id)
}

const statuses = (one: EntityStatus | undefined, stream: string) =>
  one?.streams.find((each) => each.stream === stream)?.features ?? []
const featuresOf = (one: EntityStatus | undefined, stream: string): Record<string, number | null> =>
  Object.fromEntries(statuses(one, stream).map((feature) => [feature.name, feature.value]))
const missing = (one: EntityStatus | undefined, name: string) =>
  statuses(one, 'host').find((feature) => feature.name === name)?.missing
const value = async (adf: RunningAdf, id: string, stream: string, name: string) =>
  featuresOf(await entity(adf, id), stream)[name] ?? null
