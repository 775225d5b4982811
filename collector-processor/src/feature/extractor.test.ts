import { HOST_FEATURES, SERVICE_FEATURES } from '@adf/contract'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { FeatureVector } from '../scoring/vector.ts'
import { LogBatchBuilder } from '../telemetry/log-builder.ts'
import { SpanBatchBuilder } from '../telemetry/span-builder.ts'
import { createTables } from '../telemetry/tables.ts'
import { AT, HOST_STREAM, SERVICE_STREAM } from './builtin-streams.ts'
import { FeatureExtractor } from './extractor.ts'

const T0 = 1_800_000_000_000
const HOUR = 3_600_000
const edge = {
  window: 10_000,
  step: 1000,
  interval: 60_000,
  max_lateness: 10_000,
  stale_after: 60_000,
  max_entities: 3,
  max_series: 1000,
}

function rig() {
  const registry = new Registry()
  const tables = createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, registry)
  const extractor = new FeatureExtractor({ edge, streams: {}, maxClockSkewMs: 600_000, registry })
  const out: FeatureVector[] = []
  return {
    extractor,
    out,
    of: (service: string) => out.filter((one) => one.entity.service === service),
    /** Ten spans of 20 ms that end within the 100 ms before `endMs`, the first of them failed. */
    spans(service: string, endMs: number, arrivalMs: number, kind = 2) {
      const builder = new SpanBatchBuilder(tables)
      for (let i = 0; i < 10; i++)
        builder.add({
          resource: { 'service.name': service },
          traceId: 'a'.repeat(32),
          spanId: 'b'.repeat(16),
          name: 'GET',
          kind,
          status: i === 0 ? 2 : 0,
          startMs: endMs - 20 - i * 10,
          durationMs: 20,
        })
      extractor.spans(builder.batch, arrivalMs)
    },
    logs(service: string, timeMs: number, arrivalMs: number, severities: readonly number[]) {
      const builder = new LogBatchBuilder(tables)
      for (const severity of severities)
        builder.add({ resource: { 'service.name': service }, timeMs, severity })
      extractor.logs(builder.batch, arrivalMs)
    },
    advance(nowMs: number) {
      extractor.advance(nowMs, (vector) => out.push(vector))
    },
    async late(reason: string) {
      const read = await registry.getSingleMetric('adf_feature_late_total')?.get()
      return read?.values.find((one) => one.labels['reason'] === reason)?.value ?? 0
    },
    async refused() {
      const read = await registry.getSingleMetric('adf_feature_entities_refused_total')?.get()
      return read?.values[0]?.value ?? 0
    },
  }
}

describe('the stream service', () => {
  it('names every feature in the order of its vectors', () => {
    expect(SERVICE_STREAM.features.map((one) => AT[one.name as keyof typeof AT])).toEqual(
      SERVICE_STREAM.features.map((_, at) => at),
    )
    expect(SERVICE_STREAM.features.map(({ name }) => name)).toEqual(SERVICE_FEATURES)
    expect(HOST_STREAM.features.map(({ name }) => name)).toEqual(HOST_FEATURES)
    expect([HOST_FEATURES.length, SERVICE_FEATURES.length]).toEqual([17, 20])
  })

  it('has rate, errors and latencies of a whole window, then of each step', () => {
    const { spans, advance, out } = rig()
    for (let second = 1; second <= 15; second++) {
      spans('cart', T0 + second * 1000 - 100, T0 + second * 1000 - 50)
      advance(T0 + second * 1000 + 200)
    }
    expect(out.map((one) => one.timeMs)).toEqual([10, 11, 12, 13, 14, 15].map((second) => T0 + second * 1000))
    expect(out[0]).toMatchObject({ stream: SERVICE_STREAM, arrivalMs: T0 + 9_950 })
    expect(out[0]?.values[AT.request_rate]).toBe(10)
    expect(out[0]?.values[AT.error_rate]).toBe(0.1)
    for (const at of [AT.latency_p50, AT.latency_p95, AT.latency_p99])
      expect(Math.abs((out[0]?.values[at] ?? 0) - 20)).toBeLessThan(0.2)
    expect(out[0]?.values[AT.cpu_load1]).toBeNaN()
    expect(out[0]?.values[AT.log_rate]).toBeNaN()
  })

  it('counts log records and those from ERROR on', () => {
    const { logs, advance, out } = rig()
    for (let second = 1; second <= 12; second++) {
      logs('cart', T0 + second * 1000 - 100, T0 + second * 1000, [9, 13, 17, 21])
      advance(T0 + second * 1000 + 200)
    }
    expect(out.at(-1)?.values[AT.log_rate]).toBe(4)
    expect(out.at(-1)?.values[AT.log_error_rate]).toBe(2)
    expect(out.at(-1)?.values[AT.request_rate]).toBeNaN()
  })

  it('falls to a rate of 0 in silence, keeps latencies missing, and is forgotten', () => {
    const { spans, advance, out, extractor } = rig()
    for (let second = 1; second <= 100; second++) {
      if (second <= 15) spans('cart', T0 + second * 1000 - 100, T0 + second * 1000)
      advance(T0 + second * 1000 + 200)
    }
    const silent = out.find((one) => one.timeMs === T0 + 30_000)
    expect(silent?.values[AT.request_rate]).toBe(0)
    expect(silent?.values[AT.error_rate]).toBeNaN()
    expect(silent?.values[AT.latency_p99]).toBeNaN()
    expect(silent?.arrivalMs).toBe(T0 + 30_200)
    expect(out.at(-1)?.timeMs).toBe(T0 + 74_000)
    expect(extractor.entities()).toEqual([])
  })

  it('is not disturbed by a service whose clock is hours off, and says so', async () => {
    const { spans, advance, of, extractor, late } = rig()
    for (let second = 1; second <= 30; second++) {
      const now = T0 + second * 1000
      spans('cart', now - 100, now)
      spans('behind', now - 2 * HOUR, now)
      spans('ahead', now + 2 * HOUR, now)
      advance(now + 200)
    }
    expect(of('cart').map((one) => one.timeMs)).toEqual(
      Array.from({ length: 21 }, (_, i) => T0 + (i + 10) * 1000),
    )
    expect(of('cart').every((one) => one.values[AT.request_rate] === 10)).toBe(true)
    expect([...of('behind'), ...of('ahead')]).toEqual([])
    expect(await late('late')).toBe(300)
    expect(await late('future')).toBe(300)
    const [cart, behind, ahead] = extractor.entities()
    expect([cart?.skewMs, behind?.skewMs, ahead?.skewMs]).toEqual([
      0,
      expect.closeTo(-2 * HOUR),
      expect.closeTo(2 * HOUR),
    ])
    expect(cart?.problem).toBeUndefined()
    expect(cart?.delayMs).toBeCloseTo(190)
    expect(behind?.problem).toContain('7200 s old')
    expect(ahead?.problem).toContain('max_clock_skew')
  })

  it('says unknown, not 0, while the spans of a service fall out of the window', () => {
    const { spans, advance, of } = rig()
    for (let second = 1; second <= 60; second++) {
      const now = T0 + second * 1000
      spans('cart', second <= 20 ? now - 100 : now - HOUR, now)
      advance(now + 200)
    }
    expect(of('cart').length).toBeGreaterThan(10)
    expect(of('cart').some((one) => one.values[AT.request_rate] === 0)).toBe(false)
  })

  it('takes no more entities than allowed, and counts the others', async () => {
    const { spans, refused, extractor } = rig()
    for (const service of ['a', 'b', 'c', 'd', 'a', 'e']) spans(service, T0, T0 + 10)
    expect(extractor.entities().map((one) => one.entity.id)).toEqual(['a', 'b', 'c'])
    expect(await refused()).toBe(2)
  })

  it('takes none while memory is short, forgets the newest when told to, and counts both', async () => {
    const { spans, refused, extractor } = rig()
    const known = () => extractor.entities().map((one) => one.entity.id)
    for (const service of ['a', 'b']) spans(service, T0, T0 + 10)
    extractor.room.shed(true)
    for (const service of ['c', 'a', 'c']) spans(service, T0 + 1000, T0 + 1010)
    expect(known()).toEqual(['a', 'b'])
    expect([extractor.room.dropped, await refused()]).toEqual([2, 2])
    expect(extractor.giveUpNewest(1 / 16, () => false)).toEqual([])
    expect(extractor.giveUpNewest(1 / 16).map(({ id }) => id)).toEqual(['b'])
    expect(known()).toEqual(['a'])
    expect(extractor.room.dropped).toBe(3)
    extractor.room.shed(false)
    spans('c', T0 + 2000, T0 + 2010)
    expect(known()).toEqual(['a', 'c'])
    expect(extractor.room.dropped).toBe(3)
  })

  it('says why a feature is missing', () => {
    const { spans, advance, extractor } = rig()
    spans('worker', T0, T0 + 10, 3)
    advance(T0 + 1000)
    const features = extractor.entities()[0]?.streams[0]?.features ?? []
    const why = (name: string) => features.find((one) => one.name === name)?.missing
    expect(why('latency_p99')).toBe(
      'its spans are neither SERVER nor CONSUMER, and no http.server.request.duration arrived',
    )
    expect(why('cpu_usage_percent')).toBe(
      'no system.cpu.utilization or system.cpu.time arrived from this service',
    )
    expect(why('log_rate')).toBe('no log records arrived from this service')
  })
})
