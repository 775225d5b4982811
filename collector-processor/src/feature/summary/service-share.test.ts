import type { ServiceSummary } from '@adf/contract'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { FeatureVector } from '../../scoring/vector.ts'
import { type PlainSpan, SpanBatchBuilder } from '../../telemetry/span-builder.ts'
import { createTables } from '../../telemetry/tables.ts'
import { AT } from '../builtin-streams.ts'
import { FeatureExtractor } from '../extractor.ts'
import { Losses } from '../losses.ts'
import { ServiceShare } from './service-share.ts'

const T0 = 1_800_000_000_000
const edge = {
  window: 10_000,
  step: 1000,
  interval: 60_000,
  max_lateness: 10_000,
  stale_after: 60_000,
  max_entities: 100,
  max_series: 1000,
}
const MAX_SKEW_MS = 60_000
const PARTS = 3

/** An extractor that is told all spans, and one that is told what parts of them add up to. */
function both(maxEntities = 100) {
  const registry = new Registry()
  const tables = createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, new Registry())
  const [one, summed] = [registry, new Registry()].map(
    (each) => new FeatureExtractor({ edge, streams: {}, maxClockSkewMs: MAX_SKEW_MS, registry: each }),
  )
  if (one === undefined || summed === undefined) throw new Error('there are two')
  const partRegistry = new Registry()
  const losses = new Losses(partRegistry)
  const shares = Array.from(
    { length: PARTS },
    () =>
      new ServiceShare({
        stepMs: edge.step,
        windowMs: edge.window,
        maxLatenessMs: edge.max_lateness,
        maxSkewMs: MAX_SKEW_MS,
        maxEntities,
        losses,
      }),
  )
  const [wanted, got]: [FeatureVector[], FeatureVector[]] = [[], []]
  let part = 0
  return {
    shares,
    wanted,
    got,
    /** To each part in turn. */
    send(spans: readonly PlainSpan[], arrivalMs: number) {
      const builder = new SpanBatchBuilder(tables)
      for (const span of spans) builder.add(span)
      one.spans(builder.batch, arrivalMs)
      shares[part++ % PARTS]?.spans(builder.batch, arrivalMs)
    },
    step(nowMs: number) {
      one.advance(nowMs, (vector) => wanted.push(vector))
      // As a message carries them.
      for (const share of shares)
        summed.summed(JSON.parse(JSON.stringify(share.take())) as ServiceSummary[], nowMs)
      summed.advance(nowMs, (vector) => got.push(vector))
    },
    async late(of: 'whole' | 'parts', reason: string) {
      const metric = (of === 'whole' ? registry : partRegistry).getSingleMetric('adf_feature_late_total')
      return (await metric?.get())?.values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0
    },
    async refused() {
      const metric = partRegistry.getSingleMetric('adf_feature_entities_refused_total')
      return (await metric?.get())?.values[0]?.value ?? 0
    },
  }
}

const span = (endMs: number, ms: number, shape: { service?: string; failed?: boolean } = {}): PlainSpan => ({
  resource: { 'service.name': shape.service ?? 'shop', 'service.version': '3' },
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 'GET',
  kind: 2,
  status: shape.failed === true ? 2 : 0,
  startMs: endMs - ms,
  durationMs: ms,
})
const plain = ({ stream, entity, version, timeMs, values }: FeatureVector) => ({
  stream: stream.name,
  id: entity.id,
  version,
  timeMs,
  values: [...values],
})

test('vectors are those of one extractor that sees all spans', () => {
  const { send, step, wanted, got } = both()
  for (let at = 0; at < 60_000; at += 100) {
    const nowMs = T0 + at
    // Uneven delays, durations over six powers of ten and zero, and two seconds of silence.
    const ms = at % 1700 === 0 ? 0 : 1.37 ** ((at / 100) % 40)
    if (at < 30_000 || at >= 32_000)
      send([span(nowMs - ((at * 7) % 2900), ms, { failed: at % 1100 === 0 }), span(nowMs, ms / 2)], nowMs)
    if (at % 1500 === 0) send([span(nowMs - 50, ms, { service: 'other' })], nowMs)
    if ((at + 100) % edge.step === 0) step(nowMs + 100)
  }
  expect(wanted.length).toBeGreaterThan(60)
  expect(got.map(plain)).toEqual(wanted.map(plain))
})

test('what no window takes is counted, and its silence is not taken for a rate of 0', async () => {
  const { send, step, late, wanted, got } = both()
  for (let second = 0; second < 30; second++) {
    const nowMs = T0 + second * 1000
    send([span(second === 25 ? nowMs - 40_000 : nowMs - 100, 5)], nowMs)
    if (second === 26) send([span(nowMs + 2 * MAX_SKEW_MS, 5)], nowMs)
    step(nowMs + 1000)
  }
  expect([await late('parts', 'late'), await late('parts', 'future')]).toEqual([1, 1])
  expect([await late('whole', 'late'), await late('whole', 'future')]).toEqual([1, 1])
  expect(got.map(plain)).toEqual(wanted.map(plain))
  expect(got.at(-1)?.values[AT.request_rate]).toBeGreaterThan(0)
})

test('entities past the bound are refused, and that is counted', async () => {
  const { send, shares, refused } = both(2)
  send(
    ['a', 'b', 'c'].map((service) => span(T0, 5, { service })),
    T0,
  )
  expect(shares[0]?.take().map(({ entity }) => entity.id)).toEqual(['a', 'b'])
  expect(await refused()).toBe(1)
})
