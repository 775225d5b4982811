import { fileURLToPath } from 'node:url'
import { ConfigError, loadConfig } from '@adf/service'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { Config } from '../config.ts'
import type { FeatureVector } from '../scoring/vector.ts'
import { MetricBatchBuilder } from '../telemetry/metric-builder.ts'
import { createTables } from '../telemetry/tables.ts'
import { FeatureExtractor } from './extractor.ts'

const T0 = Date.parse('2026-03-01T03:00:00Z')
const HOUR = 3_600_000

function load(name: string, set: string[] = []) {
  const file = fileURLToPath(new URL(`../../../provisioning/streams/${name}.yaml`, import.meta.url))
  const { config } = loadConfig(Config, { file, set })
  const registry = new Registry()
  const extractor = new FeatureExtractor({
    edge: config.edge,
    streams: config.streams,
    maxClockSkewMs: config.receiver.max_clock_skew,
    registry,
  })
  const advance = (nowMs: number) => {
    const out: FeatureVector[] = []
    extractor.advance(nowMs, (vector) => out.push(vector))
    return out
  }
  const refused = async (reason: string) =>
    (await registry.getSingleMetric('adf_feature_events_refused_total')?.get())?.values.find(
      (one) => one.labels['reason'] === reason,
    )?.value
  return { extractor, advance, registry, refused }
}

const shown = (vector: FeatureVector | undefined) =>
  vector && Object.fromEntries(vector.stream.features.map(({ name }, at) => [name, vector.values[at]]))

describe('the examples in provisioning/streams', () => {
  it('transactions: amount, hour of day and frequency of each account', () => {
    const { extractor, advance } = load('transactions')
    const pay = (account: string, minute: number, amount: number) =>
      extractor.event(
        'transactions',
        { account, amount, timestamp: new Date(T0 + minute * 60_000).toISOString() },
        T0 + minute * 60_000,
      )
    expect(pay('a', 0, 10)).toEqual({ accepted: true })
    pay('b', 10, 20)
    pay('a', 30, 30)
    pay('a', 75, 40)
    const vectors = advance(T0 + 2 * HOUR)
    expect(vectors.map((one) => one.entity)).toEqual(
      ['a', 'b', 'a', 'a'].map((id) => ({ id, kind: 'event' })),
    )
    expect(vectors.map(shown)).toEqual([
      { amount: 10, hour_of_day: 3, frequency: Number.NaN },
      { amount: 20, hour_of_day: expect.closeTo(3 + 1 / 6), frequency: Number.NaN },
      { amount: 30, hour_of_day: 3.5, frequency: Number.NaN },
      { amount: 40, hour_of_day: 4.25, frequency: 2 },
    ])
    expect(vectors[0]?.stream.features[0]).toEqual({
      name: 'amount',
      unit: 'USD',
      direction: 'high',
      min: 0,
      max: undefined,
    })
    expect(advance(T0 + 2 * HOUR + 1000)).toEqual([])
  })

  it('iot_sensors: one vector per reading, a missing sensor is NaN', () => {
    const { extractor, advance } = load('iot_sensors')
    extractor.event(
      'iot_sensors',
      { sensor: 4, timestamp: T0, temperature: 61.2, vibration: 0.8, humidity: null },
      T0 + 5,
    )
    const [vector] = advance(T0 + 1000)
    expect(vector).toMatchObject({ timeMs: T0, arrivalMs: T0 + 5, entity: { id: '4', kind: 'event' } })
    expect(shown(vector)).toEqual({
      temperature: 61.2,
      vibration: 0.8,
      pressure: Number.NaN,
      humidity: Number.NaN,
    })
    expect(extractor.entities()[0]?.streams[0]?.features[2]).toEqual({
      name: 'pressure',
      unit: 'bar',
      value: null,
      missing: 'its field was not in the latest event',
    })
  })

  it('server_metrics: the vital signs of a server that sends them itself', () => {
    const { extractor, advance } = load('server_metrics')
    const event = { server: 'web-1', cpu: 34, memory: 52, latency: 81, error_rate: 0.004 }
    expect(extractor.event('server_metrics', { ...event, timestamp: T0 }, T0)).toEqual({ accepted: true })
    expect(shown(advance(T0 + 1000)[0])).toEqual({ cpu: 34, memory: 52, latency: 81, error_rate: 0.004 })
  })

  it('service_vitals: a choice of the standard features of a service', () => {
    const { extractor, advance, registry } = load('service_vitals')
    const tables = createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, registry)
    const builder = new MetricBatchBuilder(tables)
    const point = { kind: 'gauge', timeMs: T0, resource: { 'service.name': 'cart' } } as const
    builder.add({ ...point, name: 'system.cpu.utilization', value: 0.25, attributes: { state: 'idle' } })
    builder.add({ ...point, name: 'system.memory.utilization', value: 0.5, attributes: { state: 'used' } })
    extractor.metrics(builder.batch, T0)
    const vectors = [...advance(T0 + 1000), ...advance(T0 + 2000)]
    const vector = vectors.find((one) => one.stream.name === 'service_vitals')
    expect(vector?.entity.id).toBe('cart')
    expect(shown(vector)).toEqual({ cpu: 75, memory: 50, latency: Number.NaN, error_rate: Number.NaN })
    expect(vector?.stream.features[0]).toEqual({
      name: 'cpu',
      unit: '%',
      direction: 'high',
      min: undefined,
      max: 90,
    })
    expect(extractor.entities()[0]?.streams.map((one) => one.stream)).toEqual(['service', 'service_vitals'])
  })
})

describe('events that give no vector', () => {
  it.each([
    ['unknown_stream', 'nothing', { sensor: 'x', pressure: 1 }],
    ['no_entity', 'iot_sensors', { pressure: 1 }],
    ['no_number', 'iot_sensors', { sensor: 'x' }],
    ['no_number', 'iot_sensors', { sensor: 'x', pressure: 'high' }],
    ['no_number', 'iot_sensors', { sensor: 'x', pressure: Number.POSITIVE_INFINITY }],
    ['bad_time', 'iot_sensors', { sensor: 'x', pressure: 1, timestamp: 'yesterday' }],
    ['bad_time', 'iot_sensors', { sensor: 'x', pressure: 1, timestamp: '0000-01-01T00:00:00+01:00' }],
    ['bad_time', 'iot_sensors', { sensor: 'x', pressure: 1, timestamp: '1969-12-31T23:59:59.999Z' }],
    ['bad_time', 'iot_sensors', { sensor: 'x', pressure: 1, timestamp: -1 }],
    ['bad_time', 'iot_sensors', { sensor: 'x', pressure: 1, timestamp: 1e300 }],
    ['bad_time', 'iot_sensors', { sensor: 'x', pressure: 1, timestamp: '9999-12-31T23:59:59-12:00' }],
    ['future', 'iot_sensors', { sensor: 'x', pressure: 1, timestamp: T0 + HOUR }],
  ])('%s is counted and changes nothing', async (reason, stream, event) => {
    const { extractor, advance, refused } = load('iot_sensors')
    expect(extractor.event(stream, event, T0)).toMatchObject({ accepted: false, reason })
    expect(await refused(reason)).toBe(1)
    expect(advance(T0 + 1000)).toEqual([])
    expect(extractor.entities()).toEqual([])
  })

  it('says which field is wrong', () => {
    const { extractor } = load('iot_sensors')
    expect(extractor.event('iot_sensors', { sensor: 'x', pressure: 'high' }, T0)).toMatchObject({
      message: 'pressure is "high", expected a number',
    })
    const early = { sensor: 'x', pressure: 1, timestamp: '0000-01-01T00:00:00+01:00' }
    expect(extractor.event('iot_sensors', early, T0)).toMatchObject({
      message: 'timestamp is "0000-01-01T00:00:00+01:00", which is before 1970',
    })
  })

  it('is bounded by edge.max_entities', async () => {
    const { extractor, refused } = load('iot_sensors', ['edge.max_entities=1'])
    expect(extractor.event('iot_sensors', { sensor: 'x', pressure: 1 }, T0).accepted).toBe(true)
    expect(extractor.event('iot_sensors', { sensor: 'y', pressure: 1 }, T0).accepted).toBe(false)
    expect(extractor.event('iot_sensors', { sensor: 'x', pressure: 2 }, T0).accepted).toBe(true)
    expect(await refused('entity_limit')).toBe(1)
  })
})

describe('a stream that is declared wrongly', () => {
  it.each([
    [{ service: { features: { a: {} } } }, 'built in'],
    [{ s: { features: {} } }, 'at least one feature'],
    [{ s: { features: { a: { from: 'x', hour_of_day: 'y' } } } }, 'takes one of'],
    [{ s: { features: { a: { source: 'cpu_load1' } } } }, 'source is for streams of kind service or host'],
    [{ s: { kind: 'host', features: { log_rate: {} } } }, 'not a standard feature of a host'],
    [{ s: { kind: 'service', features: { log_rate: { frequency: {} } } } }, 'kind event'],
    [{ s: { features: { a: { min: 2, max: 1 } } } }, 'must be less than max'],
  ])('is refused: %j', (streams, message) => {
    const attempt = () => loadConfig(Config, { set: [`streams=${JSON.stringify(streams)}`] })
    expect(attempt).toThrow(ConfigError)
    expect(attempt).toThrow(message)
  })
})
