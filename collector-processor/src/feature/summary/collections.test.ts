import type { ServiceSummary } from '@adf/contract'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { FeatureVector } from '../../scoring/vector.ts'
import { MetricBatchBuilder } from '../../telemetry/metric-builder.ts'
import { SpanBatchBuilder } from '../../telemetry/span-builder.ts'
import { createTables } from '../../telemetry/tables.ts'
import { AT, HOST_STREAM, SERVICE_STREAM } from '../builtin-streams.ts'
import { FeatureExtractor } from '../extractor.ts'
import { Losses } from '../losses.ts'
import { ServiceShare } from './service-share.ts'

const T0 = 1_800_000_000_000
const SECOND = 1000
const edge = {
  window: 10_000,
  step: 1000,
  interval: 10_000,
  max_lateness: 5000,
  stale_after: 60_000,
  max_entities: 100,
  max_series: 1000,
}
const plain = ({ stream, entity, timeMs, values }: FeatureVector) => ({
  ...{ stream: stream.name, id: entity.id, timeMs },
  values: [...values],
})

/** One extractor for all, and one each for metrics and for sums: what several processes do with partitions of spans and metrics. */
function both() {
  const make = (handOn?: ConstructorParameters<typeof FeatureExtractor>[0]['handOn']) =>
    new FeatureExtractor({
      ...{ edge, streams: {}, maxClockSkewMs: 60_000, registry: new Registry() },
      ...(handOn && { handOn }),
    })
  const tables = createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, new Registry())
  const share = () =>
    new ServiceShare({
      ...{ stepMs: edge.step, windowMs: edge.window, maxLatenessMs: edge.max_lateness },
      ...{ maxSkewMs: 60_000, maxEntities: 100, losses: new Losses(new Registry()) },
    })
  const [ofSpans, ofMetrics] = [share(), share()]
  const [one, sums, metrics] = [make(), make(), make((collected) => ofMetrics.collected(collected))]
  const [wanted, got]: [FeatureVector[], FeatureVector[]] = [[], []]
  const resource = (instance: string) => ({
    'service.name': 'shop',
    'host.name': 'h1',
    'process.pid': instance,
  })
  return {
    ...{ wanted, got, sums },
    spans(endMs: number, ms: number, arrivalMs: number) {
      const builder = new SpanBatchBuilder(tables)
      builder.add({
        ...{ resource: resource('1'), traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'GET', kind: 2 },
        ...{ status: 0, startMs: endMs - ms, durationMs: ms },
      })
      one.spans(builder.batch, arrivalMs)
      ofSpans.spans(builder.batch, arrivalMs)
    },
    metrics(instance: string, timeMs: number, requests: number, arrivalMs: number) {
      const builder = new MetricBatchBuilder(tables)
      const common = { resource: resource(instance), timeMs }
      builder.add({
        ...{ ...common, name: 'system.memory.utilization', kind: 'gauge', value: 0.5 + 0.001 * requests },
        attributes: { state: 'used' },
      })
      builder.add({
        ...{ ...common, name: 'http.server.request.duration', kind: 'histogram', unit: 's' },
        ...{ startMs: T0, temporality: 2, attributes: {}, value: requests * 0.02, count: 2 * requests },
        ...{ bounds: [0.01, 0.1], bucketCounts: [requests, requests, 0] },
      })
      one.metrics(builder.batch, arrivalMs)
      metrics.metrics(builder.batch, arrivalMs)
    },
    step(nowMs: number) {
      one.advance(nowMs, (vector) => wanted.push(vector))
      metrics.advance(nowMs, (vector) => got.push(vector))
      for (const each of [ofSpans, ofMetrics])
        sums.summed(JSON.parse(JSON.stringify(each.take())) as ServiceSummary[], nowMs)
      sums.advance(nowMs, (vector) => got.push(vector))
    },
  }
}

test('vectors of services are those of one extractor that sees spans and metrics; hosts are scored where their metrics are', () => {
  const { spans, metrics, step, wanted, got, sums } = both()
  for (let second = 1; second <= 90; second++) {
    const nowMs = T0 + second * SECOND
    // Spans end after a while: from then on its metrics alone have its vectors.
    if (second < 40) for (let n = 0; n < 4; n++) spans(nowMs - 200 * n - 50, 20 + n, nowMs - 10)
    if (second % 10 === 0) {
      metrics('1', nowMs - 400, 20 * second, nowMs - 5)
      metrics('2', nowMs - 300, 4 * second, nowMs - 5)
    }
    step(nowMs)
  }
  const of = (all: readonly FeatureVector[], stream: string) =>
    all.filter((one) => one.stream.name === stream).map(plain)
  for (const { name } of [SERVICE_STREAM, HOST_STREAM]) {
    expect(of(wanted, name).length).toBeGreaterThan(5)
    expect(of(got, name)).toEqual(of(wanted, name))
  }
  const filled = of(got, SERVICE_STREAM.name).filter(
    ({ values }) => (values[AT.memory_usage_percent] ?? 0) > 0,
  )
  expect(filled.some(({ values }) => (values[AT.request_rate] ?? 0) > 0)).toBe(true)
  expect(sums.entities().flatMap(({ dialects }) => dialects).length).toBeGreaterThan(0)
})
