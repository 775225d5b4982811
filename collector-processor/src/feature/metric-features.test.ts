import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { FeatureVector } from '../scoring/vector.ts'
import { MetricBatchBuilder, type PlainPoint } from '../telemetry/metric-builder.ts'
import { SpanBatchBuilder } from '../telemetry/span-builder.ts'
import { createTables } from '../telemetry/tables.ts'
import { AT, HOST_STREAM } from './builtin-streams.ts'
import { FeatureExtractor } from './extractor.ts'

const T0 = 1_800_000_000_000
const MINUTE = 60_000
const CUMULATIVE = 2
const DELTA = 1
const HOST = { 'host.name': 'h1' }
const edge = {
  window: 10_000,
  step: 1000,
  interval: MINUTE,
  max_lateness: 10_000,
  stale_after: 300_000,
  max_entities: 10,
  max_series: 1000,
}

type Loose = Omit<PlainPoint, 'timeMs' | 'resource'> & Partial<Pick<PlainPoint, 'timeMs' | 'resource'>>

function rig(limits: Partial<typeof edge> = {}) {
  const registry = new Registry()
  const tables = createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, registry)
  const extractor = new FeatureExtractor({
    edge: { ...edge, ...limits },
    streams: {},
    maxClockSkewMs: 600_000,
    registry,
  })
  const out: FeatureVector[] = []
  const emit = (vector: FeatureVector) => out.push(vector)
  return {
    extractor,
    out,
    /** Exports points at T0 + minute and lets two steps pass. */
    send(minute: number, points: readonly Loose[], steps = 2) {
      const at = T0 + minute * MINUTE
      const builder = new MetricBatchBuilder(tables)
      for (const point of points) builder.add({ timeMs: at, resource: HOST, ...point })
      extractor.metrics(builder.batch, at)
      for (let step = 1; step <= steps; step++) extractor.advance(at + step * 1000, emit)
    },
    spans(count: number, atMs: number, resource: Record<string, string>) {
      const builder = new SpanBatchBuilder(tables)
      for (let i = 0; i < count; i++)
        builder.add({
          resource,
          traceId: 'a'.repeat(32),
          spanId: 'b'.repeat(16),
          name: 'GET',
          kind: 2,
          startMs: atMs - 10,
          durationMs: 5,
        })
      extractor.spans(builder.batch, atMs)
    },
    advance(ms: number) {
      extractor.advance(ms, emit)
    },
    async count(metric: string, labels: Record<string, string> = {}) {
      const read = await registry.getSingleMetric(metric)?.get()
      return read?.values
        .filter((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value))
        .reduce((sum, one) => sum + one.value, 0)
    },
  }
}

const sum = (
  name: string,
  value: number,
  attributes: PlainPoint['attributes'] = {},
  more: Partial<PlainPoint> = {},
): Loose => ({
  name,
  kind: 'sum',
  temporality: CUMULATIVE,
  monotonic: true,
  startMs: T0 - 3_600_000,
  value,
  attributes,
  ...more,
})
const gauge = (name: string, value: number, attributes: PlainPoint['attributes'] = {}): Loose => ({
  name,
  kind: 'gauge',
  value,
  attributes,
})

describe('the stream host', () => {
  it.each([
    ['collector', 'state', 'wait', 'direction', 'device', 'system.network.packets', 'system.network.dropped'],
    [
      'conventions 1.20',
      'system.cpu.state',
      'wait',
      'direction',
      'device',
      'system.network.packets',
      'system.network.dropped',
    ],
    [
      'SDK',
      'system.cpu.state',
      'iowait',
      'system.network.direction',
      'system.device',
      'system.network.packets',
      'system.network.dropped',
    ],
    [
      'newest',
      'cpu.mode',
      'iowait',
      'network.io.direction',
      'network.interface.name',
      'system.network.packet.count',
      'system.network.packet.dropped',
    ],
  ])('reads the dialect of %s', (_, state, wait, direction, device, packets, dropped) => {
    const { send, out, extractor } = rig()
    const diskDirection =
      direction === 'network.io.direction' ? 'disk.io.direction' : direction.replace('network', 'disk')
    const available = state === 'state' ? 'system.linux.memory.available' : 'system.memory.linux.available'
    const points = (n: number): Loose[] => [
      sum('system.cpu.time', 100 + 30 * n, { [state]: 'user', cpu: 'cpu0' }),
      sum('system.cpu.time', 100 + 15 * n, { [state]: 'idle', cpu: 'cpu0' }),
      sum('system.cpu.time', 100 + 15 * n, { [state]: wait, cpu: 'cpu0' }),
      gauge('system.cpu.load_average.1m', 1.5),
      gauge('system.cpu.load_average.5m', 0.5),
      sum(
        'system.memory.usage',
        6e9,
        { [state.replace('cpu.mode', 'system.memory.state').replace('cpu', 'memory')]: 'used' },
        { monotonic: false },
      ),
      sum(
        'system.memory.usage',
        2e9,
        { [state.replace('cpu.mode', 'system.memory.state').replace('cpu', 'memory')]: 'free' },
        { monotonic: false },
      ),
      gauge(available, 3e9),
      gauge('system.filesystem.utilization', 0.4, { device: 'sda1', mountpoint: '/' }),
      gauge('system.filesystem.utilization', 0.7, { device: 'sda2', mountpoint: '/data' }),
      gauge('system.filesystem.utilization', 1, { device: 'loop0', mountpoint: '/snap', type: 'squashfs' }),
      sum('system.disk.operation_time', 3 * n, { [diskDirection]: 'read' }),
      sum('system.disk.operations', 600 * n, { [diskDirection]: 'read' }),
      sum('system.disk.operation_time', 6 * n, { [diskDirection]: 'write' }),
      sum('system.disk.operations', 300 * n, { [diskDirection]: 'write' }),
      ...['transmit', 'receive'].flatMap((way, i) =>
        ['eth0', 'lo'].flatMap((card) => [
          sum('system.network.errors', (i + 1) * n, { [direction]: way, [device]: card }),
          sum(packets, 100 * n, { [direction]: way, [device]: card }),
          sum(dropped, 5 * n, { [direction]: way, [device]: card }),
          sum('system.network.io', 7.5e6 * n, { [direction]: way, [device]: card }),
        ]),
      ),
    ]
    send(0, points(1))
    send(1, points(2))
    const vector = out.at(-1)
    expect(vector?.stream).toBe(HOST_STREAM)
    expect(vector?.entity).toEqual({ id: 'h1', kind: 'host', host: 'h1' })
    expect(vector?.timeMs).toBe(T0 + MINUTE)
    const values = Object.fromEntries(HOST_STREAM.features.map((one, at) => [one.name, vector?.values[at]]))
    expect(values).toEqual({
      request_rate: Number.NaN,
      error_rate: Number.NaN,
      latency_p50: Number.NaN,
      latency_p95: Number.NaN,
      latency_p99: Number.NaN,
      cpu_usage_percent: expect.closeTo(50),
      cpu_load1: 1.5,
      cpu_load5: 0.5,
      memory_usage_percent: 75,
      memory_available_mb: 3000,
      disk_usage_percent: 70,
      disk_read_latency_ms: expect.closeTo(5),
      disk_write_latency_ms: expect.closeTo(20),
      network_tx_error_rate: expect.closeTo(0.01),
      network_rx_error_rate: expect.closeTo(0.02),
      network_drop_rate: expect.closeTo(0.05),
      network_throughput_mbps: expect.closeTo(2),
    })
    const report = extractor.entities().find((one) => one.entity.kind === 'host')
    expect(report?.dialects.join('\n')).toContain(`system.cpu.time by ${state} cumulative sum`)
  })

  it('reads utilization gauges', () => {
    const { send, out } = rig()
    send(0, [
      ...[0.2, 0.6].flatMap((idle, cpu) => [
        gauge('system.cpu.utilization', idle, { state: 'idle', cpu }),
        gauge('system.cpu.utilization', 0.1, { state: 'wait', cpu }),
        gauge('system.cpu.utilization', 0.9 - idle, { state: 'user', cpu }),
      ]),
      gauge('system.memory.utilization', 0.25, { state: 'used' }),
      gauge('system.memory.utilization', 0.75, { state: 'free' }),
    ])
    expect(out[0]?.values[AT.cpu_usage_percent]).toBeCloseTo(50)
    expect(out[0]?.values[AT.memory_usage_percent]).toBe(25)
    expect(out[0]?.values[AT.disk_read_latency_ms]).toBeNaN()
  })

  it('waits until a collection is complete, and emits it once', () => {
    const { send, out, advance } = rig()
    send(0, [gauge('system.cpu.load_average.1m', 1)], 0)
    advance(T0 + 500)
    send(0.01, [{ ...gauge('system.cpu.load_average.5m', 2), timeMs: T0 + 3 }], 0)
    advance(T0 + 1500)
    advance(T0 + 2500)
    advance(T0 + 3500)
    expect(out).toHaveLength(1)
    expect(out[0]?.timeMs).toBe(T0 + 3)
    expect([out[0]?.values[AT.cpu_load1], out[0]?.values[AT.cpu_load5]]).toEqual([1, 2])
  })

  it('gives nothing at a counter that falls, a true rate after a reset with a start', async () => {
    const { send, out, count } = rig()
    const io = (value: number, startMs?: number) =>
      sum(
        'system.network.io',
        value,
        { device: 'eth0', direction: 'receive' },
        startMs === undefined ? {} : { startMs },
      )
    const load = gauge('system.cpu.load_average.1m', 1)
    send(0, [io(9e9), load])
    send(1, [io(9e9 + 7.5e6), load])
    send(2, [io(5e6), load])
    send(3, [io(12.5e6), load])
    send(4, [io(3.75e6, T0 + 3.5 * MINUTE), load])
    send(5, [io(7e9, T0 + 5 * MINUTE), load])
    send(6, [io(7e9 + 15e6, T0 + 5 * MINUTE), load])
    expect(out.map((one) => one.values[AT.network_throughput_mbps])).toEqual([
      Number.NaN,
      expect.closeTo(1),
      Number.NaN,
      expect.closeTo(1),
      expect.closeTo(1),
      Number.NaN,
      expect.closeTo(2),
    ])
    expect(await count('adf_feature_resets_total')).toBe(3)
  })

  it('reads delta sums, counts gaps and ignores what overlaps or comes out of order', async () => {
    const { send, out, count } = rig()
    const io = (value: number, from: number, to: number) =>
      sum(
        'system.network.io',
        value,
        { device: 'eth0', direction: 'receive' },
        {
          temporality: DELTA,
          startMs: T0 + from * MINUTE,
          timeMs: T0 + to * MINUTE,
        },
      )
    send(1, [io(7.5e6, 0, 1)])
    send(2, [io(15e6, 1, 2)])
    send(4, [io(7.5e6, 3, 4)])
    send(4.1, [io(7.5e6, 2, 3)])
    send(5, [io(99e6, 3.5, 5)])
    expect(out.map((one) => one.values[AT.network_throughput_mbps])).toEqual(
      [1, 2, 1].map((one) => expect.closeTo(one)),
    )
    expect(await count('adf_feature_gaps_total')).toBe(1)
    expect(await count('adf_feature_points_ignored_total', { reason: 'out_of_order' })).toBe(1)
    expect(await count('adf_feature_points_ignored_total', { reason: 'overlap' })).toBe(1)
  })

  it('ends a series at its stale marker', () => {
    const { send, out } = rig()
    const io = (value: number, more: Partial<PlainPoint> = {}) =>
      sum('system.network.io', value, { device: 'eth0', direction: 'receive' }, more)
    const load = gauge('system.cpu.load_average.1m', 1)
    send(0, [io(0), load])
    send(1, [io(7.5e6), load])
    send(2, [io(0, { stale: true }), load])
    send(3, [io(22.5e6, { startMs: T0 + 3 * MINUTE }), load])
    send(4, [io(30e6, { startMs: T0 + 3 * MINUTE }), load])
    expect(out.map((one) => one.values[AT.network_throughput_mbps])).toEqual([
      Number.NaN,
      expect.closeTo(1),
      Number.NaN,
      Number.NaN,
      expect.closeTo(1),
    ])
  })

  it('counts points that it cannot use, and is bounded', async () => {
    const { send, out, count } = rig({ max_series: 2 })
    send(0, [
      { ...gauge('system.cpu.load_average.1m', 1), timeMs: 0 },
      gauge('system.cpu.load_average.5m', Number.POSITIVE_INFINITY),
      gauge('system.memory.utilization', 0.5, { state: 'used' }),
      gauge('system.network.io', 5, { direction: 'receive' }),
    ])
    expect(await count('adf_feature_points_ignored_total', { reason: 'no_time' })).toBe(1)
    expect(await count('adf_feature_points_ignored_total', { reason: 'not_finite' })).toBe(1)
    expect(await count('adf_feature_points_ignored_total', { reason: 'series_limit' })).toBe(1)
    expect(await count('adf_feature_points_ignored_total', { reason: 'unusable_kind' })).toBe(1)
    expect(out).toHaveLength(0)
  })
})

describe('two writers of one host', () => {
  it('near the largest number have no mean', () => {
    const { send, out } = rig()
    const largest = gauge('system.cpu.load_average.1m', Number.MAX_VALUE)
    const point = (pid: string) => [
      { ...largest, resource: { ...HOST, 'process.pid': pid } },
      { ...gauge('system.cpu.load_average.5m', 2), resource: { ...HOST, 'process.pid': pid } },
    ]
    send(0, [...point('1'), ...point('2')])
    expect(out.at(-1)?.values[AT.cpu_load1]).toBeNaN()
    expect(out.at(-1)?.values[AT.cpu_load5]).toBe(2)
  })
})

describe('request metrics of a service', () => {
  const resource = { 'service.name': 'cart' }
  const http = (more: Partial<PlainPoint>): Loose => ({
    name: 'http.server.request.duration',
    unit: 's',
    kind: 'histogram',
    temporality: CUMULATIVE,
    startMs: T0 - 3_600_000,
    resource,
    bounds: [0.1, 0.2],
    ...more,
  })
  const request = (vector: FeatureVector | undefined) =>
    vector && [...vector.values.subarray(AT.request_rate, AT.latency_p99 + 1)]

  it('come from explicit histograms', () => {
    const { send, out } = rig()
    const ok = { 'http.response.status_code': 200 }
    const bad = { 'http.response.status_code': 503 }
    send(0, [http({ attributes: ok, count: 100, bucketCounts: [50, 50, 0] })])
    send(1, [
      http({ attributes: ok, count: 400, bucketCounts: [350, 50, 0] }),
      http({ attributes: bad, count: 300, bucketCounts: [0, 240, 60] }),
    ])
    expect(request(out.at(-1))).toEqual([
      expect.closeTo(10),
      expect.closeTo(0.5),
      expect.closeTo(100),
      expect.closeTo(200),
      expect.closeTo(200),
    ])
  })

  it('come from exponential and older histograms, in their unit', () => {
    const exponential = rig()
    const point = (count: number): Loose =>
      http({ kind: 'exponentialHistogram', count, scale: 0, offset: -4, bucketCounts: [count], bounds: [] })
    exponential.send(0, [point(0)])
    exponential.send(1, [point(60)])
    expect(request(exponential.out.at(-1))?.slice(0, 3)).toEqual([1, 0, expect.closeTo(93.75)])

    const older = rig()
    const old = (count: number): Loose =>
      http({
        name: 'http.server.duration',
        unit: 'ms',
        temporality: DELTA,
        startMs: T0,
        timeMs: T0 + MINUTE,
        attributes: { 'http.status_code': 500 },
        count,
        bounds: [10, 20],
        bucketCounts: [0, count, 0],
      })
    older.send(1, [old(120)])
    expect(request(older.out.at(-1))?.slice(0, 3)).toEqual([2, 1, 15])
  })

  it('are not counted twice when both dialects are sent', () => {
    const { send, out } = rig()
    const delta = { temporality: DELTA, startMs: T0, count: 60, bucketCounts: [60, 0, 0] }
    send(1, [http(delta), http({ ...delta, name: 'http.server.duration', unit: 'ms' })])
    expect(request(out.at(-1))?.[0]).toBe(1)
  })

  it('take changed bounds for a reset', async () => {
    const { send, out, count } = rig()
    send(0, [http({ count: 60, bucketCounts: [60, 0, 0] })])
    send(1, [http({ count: 120, bucketCounts: [120, 0, 0], bounds: [0.1, 0.3] })])
    expect(out).toHaveLength(0)
    expect(await count('adf_feature_resets_total')).toBe(1)
  })

  it('ignore a histogram whose observations lie past what a number of milliseconds can hold', async () => {
    const { send, out, count } = rig()
    const delta = { temporality: DELTA, count: 60, timeMs: T0, startMs: T0 - MINUTE }
    const exponential = { kind: 'exponentialHistogram', bounds: [] } as const
    send(0, [
      http({ ...delta, bucketCounts: [0, 30, 30], bounds: [0.1, 1e306] }),
      http({ ...delta, bucketCounts: [0, 0, 60], bounds: [0.1, 1e306], attributes: { a: '1' } }),
      http({ ...delta, ...exponential, scale: 0, offset: 1020, bucketCounts: [60], attributes: { a: '2' } }),
      http({ ...delta, ...exponential, scale: -10, offset: 0, bucketCounts: [60], attributes: { a: '3' } }),
    ])
    expect(await count('adf_feature_points_ignored_total', { reason: 'not_finite' })).toBe(4)
    expect(out).toEqual([])
  })

  it('count by their buckets towards the bound on series, until they end', async () => {
    const { send, out, count } = rig({ max_series: 50, stale_after: 2 * MINUTE })
    const delta = { kind: 'exponentialHistogram', temporality: DELTA, bounds: [] } as const
    const route = (minute: number, buckets: number, name: string) =>
      http({
        ...delta,
        startMs: T0 + (minute - 1) * MINUTE,
        count: buckets,
        bucketCounts: new Array<number>(buckets).fill(1),
        attributes: { route: name },
      })
    const refused = () => count('adf_feature_points_ignored_total', { reason: 'series_limit' })
    send(1, [route(1, 400, 'a'), route(1, 400, 'b'), route(1, 16, 'c')])
    expect(await refused()).toBe(1)
    expect(request(out.at(-1))?.[0]).toBeCloseTo(800 / 60)
    send(2, [route(2, 401, 'a'), route(2, 16, 'b')])
    expect(await refused()).toBe(2)
    send(20, [])
    send(21, [route(21, 800, 'd')])
    expect(await refused()).toBe(2)
    expect(request(out.at(-1))?.[0]).toBeCloseTo(800 / 60)
  })

  it('bear a bound that large while nothing has reached it', () => {
    const { send, out } = rig()
    const delta = { temporality: DELTA, count: 60, startMs: T0 }
    send(1, [http({ ...delta, bucketCounts: [60, 0, 0], bounds: [0.1, Number.MAX_VALUE] })])
    expect(request(out.at(-1))?.slice(0, 3)).toEqual([1, 0, expect.closeTo(50)])
  })

  it('give way to spans that are complete, and stand in for spans that are sampled', () => {
    for (const [perMinute, rate] of [
      [60, 1],
      [6, 1],
    ] as const) {
      const { send, spans, advance, out } = rig()
      for (let minute = 0; minute < 4; minute++) {
        const counted = (minute + 1) * 60
        send(minute, [http({ count: counted, bucketCounts: [0, counted, 0] })], 0)
        for (let second = 1; second <= 60; second++) {
          const now = T0 + minute * MINUTE + second * 1000 - 1
          if (second % (60 / perMinute) === 0) spans(1, now, resource)
          advance(now)
        }
      }
      expect(request(out.at(-1))?.[0]).toBeCloseTo(rate)
      const p50 = request(out.at(-1))?.[2] ?? 0
      if (perMinute === 60) expect(p50).toBeCloseTo(5, 1)
      else expect(p50).toBeCloseTo(150)
    }
  })

  it('fill up the vectors of a service with what its own host metrics said, for two intervals', () => {
    const { send, spans, advance, out } = rig()
    send(0, [{ ...gauge('system.cpu.load_average.1m', 3), resource: { ...resource, ...HOST } }], 0)
    for (let second = 1; second <= 150; second++) {
      spans(1, T0 + second * 1000 - 1, resource)
      advance(T0 + second * 1000)
    }
    const loads = out.filter((one) => one.stream.name === 'service').map((one) => one.values[AT.cpu_load1])
    expect(loads[0]).toBe(3)
    expect(loads.at(-1)).toBeNaN()
    expect(out.filter((one) => one.stream.name === 'host')).toHaveLength(1)
  })

  it('add up over replicas, while what they say of the machine is averaged', () => {
    const { send, out } = rig()
    const of = (pod: string): Loose[] => [
      http({
        resource: { ...resource, 'k8s.pod.name': pod },
        temporality: DELTA,
        startMs: T0,
        count: 60,
        bucketCounts: [60, 0, 0],
      }),
      {
        ...gauge('system.cpu.load_average.1m', pod === 'a' ? 1 : 3),
        resource: { ...resource, 'k8s.pod.name': pod },
      },
    ]
    send(1, [...of('a'), ...of('b')])
    expect(out.at(-1)?.values[AT.request_rate]).toBe(2)
    expect(out.at(-1)?.values[AT.cpu_load1]).toBe(2)
  })

  it('spread the first error of a long-running service over one interval only', () => {
    const { send, out } = rig()
    const ok = (count: number) => http({ attributes: { code: 'ok' }, count, bucketCounts: [count, 0, 0] })
    const failed = http({ attributes: { 'error.type': 'timeout' }, count: 20, bucketCounts: [0, 0, 20] })
    send(0, [ok(1000)])
    send(1, [ok(1040), failed])
    expect(out.at(-1)?.values[AT.request_rate]).toBeCloseTo(1)
    expect(out.at(-1)?.values[AT.error_rate]).toBeCloseTo(1 / 3)
  })

  it('of a service that exports two collections at once give both, in order', () => {
    const { send, out } = rig()
    const delta = (minute: number, count: number) =>
      http({
        temporality: DELTA,
        startMs: T0 + (minute - 1) * MINUTE,
        timeMs: T0 + minute * MINUTE,
        count,
        bucketCounts: [count, 0, 0],
      })
    send(2, [delta(1, 60), delta(2, 120)])
    expect(out.map((one) => [one.timeMs, one.values[AT.request_rate]])).toEqual([
      [T0 + MINUTE, 1],
      [T0 + 2 * MINUTE, 2],
    ])
  })
})
