import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { FeatureVector } from '../scoring/vector.ts'
import { SpanBatchBuilder } from '../telemetry/span-builder.ts'
import { createTables } from '../telemetry/tables.ts'
import { AT } from './builtin-streams.ts'
import { FeatureExtractor } from './extractor.ts'

const T0 = 1_800_000_000_000
const edge = {
  window: 10_000,
  step: 1000,
  interval: 60_000,
  max_lateness: 10_000,
  stale_after: 300_000,
  max_entities: 10,
  max_series: 1000,
}

function bench() {
  const registry = new Registry()
  const tables = createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, registry)
  const extractor = new FeatureExtractor({ edge, streams: {}, maxClockSkewMs: 600_000, registry })
  const spans = new SpanBatchBuilder(tables)
  return { registry, extractor, spans }
}

describe('service windows', () => {
  it('gives rate, errors and latencies of a whole window', () => {
    const { extractor, spans } = bench()
    const out: FeatureVector[] = []
    for (let second = 0; second < 15; second++) {
      spans.reset()
      for (let i = 0; i < 10; i++)
        spans.add({
          resource: { 'service.name': 'cart' },
          traceId: 'a'.repeat(32),
          spanId: 'b'.repeat(16),
          name: 'GET',
          kind: 2,
          status: i === 0 ? 2 : 0,
          startMs: T0 + second * 1000 + i * 100,
          durationMs: 20,
        })
      extractor.spans(spans.batch, T0 + second * 1000 + 950)
      extractor.advance(T0 + (second + 1) * 1000, (v) => out.push(v))
    }
    expect(out[0]?.timeMs).toBe(T0 + 10_000)
    expect(out[0]?.values[AT.request_rate]).toBe(10)
    expect(out[0]?.values[AT.error_rate]).toBe(0.1)
    expect(out[0]?.values[AT.latency_p99]).toBeCloseTo(20, 0)
    expect(out[0]?.values[AT.cpu_load1]).toBeNaN()
  })
})
