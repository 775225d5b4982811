import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { SpanBatchBuilder } from '../telemetry/span-builder.ts'
import { createTables } from '../telemetry/tables.ts'
import { AT } from './builtin-streams.ts'
import { FeatureExtractor } from './extractor.ts'

const T0 = 1_800_000_000_000

it('counts a sampled request for all that it stands for, and leaves nothing in the window behind it', () => {
  const registry = new Registry()
  const edge = {
    window: 10_000,
    step: 1000,
    interval: 60_000,
    max_lateness: 0,
    stale_after: 60_000,
    max_entities: 3,
    max_series: 1000,
  }
  const extractor = new FeatureExtractor({ edge, streams: {}, maxClockSkewMs: 0, registry })
  const builder = new SpanBatchBuilder(
    createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, registry),
  )
  const vectors: Float64Array[] = []
  for (let second = 0; second < 40; second++) {
    const nowMs = T0 + second * 1000
    builder.reset()
    for (let i = 0; i < 3 && second < 20; i++)
      builder.add({
        resource: { 'service.name': 'web' },
        traceId: 'a'.repeat(32),
        spanId: 'b'.repeat(16),
        name: 'GET',
        kind: 2,
        status: i === 0 ? 2 : 0,
        startMs: nowMs - 500,
        durationMs: 20,
        // one in ten, one in five, one in one
        traceState: ['ot=th:e66666666666', 'ot=th:cccccccccccc', ''][i] ?? '',
      })
    if (builder.batch.length > 0) extractor.spans(builder.batch, nowMs)
    extractor.advance(nowMs, ({ values }) => vectors.push(values))
  }
  const busy = vectors.find((values) => values[AT.request_rate]! > 15.9)
  expect(busy?.[AT.request_rate]).toBeCloseTo(16, 4)
  expect(busy?.[AT.error_rate]).toBeCloseTo(10 / 16, 4)
  expect(vectors.at(-1)?.[AT.request_rate]).toBe(0)
})
