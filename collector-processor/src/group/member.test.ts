import type { Anomaly } from '@adf/contract'
import { createLogger } from '@adf/service'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { anomalyIdOf } from '../anomaly-id.ts'
import { Config } from '../config.ts'
import { scoringOptions } from '../engine-options.ts'
import { HOST_STREAM } from '../feature/builtin-streams.ts'
import { createOutputs, type Outputs } from '../outputs.ts'
import { Pipeline } from '../pipeline.ts'
import { ScoringEngine } from '../scoring/engine.ts'
import type { Fence } from '../store/shard.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import type { TelemetrySink } from '../telemetry/batch.ts'
import { MetricBatchBuilder } from '../telemetry/metric-builder.ts'
import { createTables } from '../telemetry/tables.ts'
import { createMember } from './member.ts'

const T0 = Date.parse('2026-03-01T03:00:00Z')
const MINUTE = 60_000
const HOSTS = ['h0', 'h1', 'h2']
// A step is a minute, so that no timer goes off meanwhile.
const config = Config.parse({
  edge: {
    ...{ window: '1m', step: '1m', interval: '1m' },
    detection: { settle: 0, warm_up: 50, detectors: ['robust'], rerank: 'none', initial_threshold: 0.6 },
  },
  kafka: { brokers: ['127.0.0.1:9092'], topics: { spans: '', logs: '' } },
})
const log = createLogger({ name: 'test', level: 'silent' })

let wallMs = T0
let store: Store
const ends: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  wallMs = T0
  store = await openSqliteStore({ path: ':memory:', clock: () => wallMs })
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  await store.close()
})

/** Hosts and minutes at which memory is short. */
const SPIKES = new Set(['h0 60', 'h1 105', 'h2 112', 'h0 150', 'h1 151', 'h2 180'])

function exporter() {
  const tables = createTables({ max_strings: 1000, max_resources: 100, max_services: 100 }, new Registry())
  return (minute: number, sink: Pick<TelemetrySink, 'metrics'>, arrivalMs: number) => {
    for (const host of HOSTS) {
      const usual = 0.5 + 0.01 * Math.sin(minute * 2.399 + HOSTS.indexOf(host))
      const value = SPIKES.has(`${host} ${minute}`) ? 0.99 : usual
      const timeMs = T0 + minute * MINUTE
      const builder = new MetricBatchBuilder(tables)
      builder.add({
        ...{ resource: { 'host.name': host }, timeMs, value },
        ...{ name: 'system.memory.utilization', kind: 'gauge', attributes: { state: 'used' } },
      })
      sink.metrics(builder.batch, arrivalMs)
    }
  }
}

function engineOf(registry: Registry, more: object = {}) {
  return new ScoringEngine(scoringOptions(config, 'inline'), {
    registry,
    thresholds: store.thresholds,
    clock: () => wallMs,
    warn: () => {},
    ...more,
  })
}

/** A member that has the one partition there is. */
async function started(name: string) {
  const registry = new Registry()
  const scoring = engineOf(registry, { states: store.detectorState, homes: store.homes })
  const fenced: string[] = []
  const outputs: Outputs = createOutputs({
    store,
    hub: { publish: async () => {} },
    alert: () => {},
    fenced: (shard) => fenced.push(shard),
    registry,
    clock: () => wallMs,
    log,
  })
  const member = createMember({
    config,
    name,
    place: { path: ':memory:' },
    connection: { clientId: 'test', bootstrapBrokers: ['127.0.0.1:1'] },
    store,
    scoring,
    anomalyId: anomalyIdOf,
    newId: () => 'unused',
    rng: () => 0.5,
    registry,
    log,
    wall: () => wallMs,
    unreadable: () => {},
    outputs: () => outputs,
    duties: () => ({ components: [], told: () => {} }),
  })
  await member.shards.begin({ source: 'id/0', topic: 'otlp_metrics', partition: 0 })
  const [shard] = member.shards
  if (shard === undefined) throw new Error('no shard')
  ends.push(() => member.shards.end(shard))
  await known(scoring, shard.fence)
  const send = exporter()
  return {
    member,
    scoring,
    outputs,
    fenced,
    play(from: number, to: number) {
      for (let minute = from; minute < to; minute++) {
        wallMs = Math.max(wallMs, T0 + minute * MINUTE)
        shard.step(shard.clock.reach(T0 + minute * MINUTE))
        shard.within(() => send(minute, member.sink, member.time()))
      }
    },
  }
}

/** Until what was learned of all hosts is read. */
async function known(scoring: ScoringEngine, fence: Fence): Promise<void> {
  for (const id of HOSTS) {
    const vector = { stream: HOST_STREAM, entity: { id, kind: 'host', host: id } as const, timeMs: 0 }
    while (scoring.loads(vector, fence)) await new Promise((resolve) => setImmediate(resolve))
  }
}

const nameOf = ({ entity, time }: Pick<Anomaly, 'entity' | 'time'>) =>
  `${entity.id} ${(Date.parse(time) - T0) / MINUTE}`

function alone(to: number): string[] {
  const registry = new Registry()
  const found: string[] = []
  const pipeline = new Pipeline({
    config,
    clock: () => wallMs,
    rng: () => 0.5,
    newId: () => 'unused',
    registry,
    scoring: engineOf(registry),
    outputs: {
      anomaly: (anomaly) => found.push(nameOf(anomaly)),
      joined() {},
      happened() {},
      incident() {},
      left() {},
      failed(error) {
        throw error
      },
    },
  })
  const send = exporter()
  for (let minute = 0; minute < to; minute++) {
    wallMs = T0 + minute * MINUTE
    pipeline.advance(wallMs)
    send(minute, pipeline, wallMs)
  }
  return found.sort()
}

test('hosts whose partition moves are scored as by one processor, and what their former one finds is refused', async () => {
  const expected = alone(200)
  expect(expected).toEqual([...SPIKES].sort())
  wallMs = T0

  const first = await started('a')
  first.play(0, 100)
  await first.scoring.saveAll()
  await first.outputs.settled()
  first.play(100, 110)
  await first.outputs.settled()

  const second = await started('b')
  // What was not committed is read again, the base of the first points with it.
  second.play(97, 120)
  first.play(110, 116)
  await first.outputs.settled()
  expect(first.fenced).toEqual(['id/0'])
  await first.scoring.saveAll()
  expect(first.scoring.counts().total).toBe(0)
  second.play(120, 200)
  await second.outputs.settled()

  const { items } = await store.anomalies.page({ limit: 100 })
  expect(items.map(nameOf).sort()).toEqual(expected)
  const findings = await store.findings.upTo(wallMs, 100)
  expect(findings.map(({ anomaly, first }) => `${nameOf(anomaly)} ${first}`).sort()).toEqual(
    expected.map((name) => `${name} true`),
  )
})

test('while memory is short no shard takes a new host, one that begins then neither, and each is counted', async () => {
  const { member, play } = await started('a')
  const { room } = member.pipeline.features
  room.shed(true)
  play(0, 2)
  await member.shards.begin({ source: 'id/1', topic: 'otlp_metrics', partition: 1 })
  const [, later] = member.shards
  if (later === undefined) throw new Error('no shard')
  later.within(() => exporter()(2, member.sink, wallMs))
  expect([member.extractors().length, member.entities(), room.dropped]).toEqual([2, [], 3 * HOSTS.length])
  await member.shards.end(later)
  expect(room.dropped).toBe(3 * HOSTS.length)
  room.shed(false)
  play(2, 3)
  expect(member.entities().map(({ entity }) => entity.id)).toEqual(HOSTS)
})

test('nothing is taken outside of a shard', async () => {
  const registry = new Registry()
  const member = createMember({
    config: Config.parse({
      ...{ streams: { meters: { kind: 'event', entity: 'id', features: { volts: {} } } } },
    }),
    name: 'a',
    place: { path: ':memory:' },
    connection: { clientId: 'test', bootstrapBrokers: ['127.0.0.1:1'] },
    store,
    scoring: engineOf(registry),
    anomalyId: anomalyIdOf,
    newId: () => 'unused',
    rng: () => 0.5,
    registry,
    log,
    wall: () => wallMs,
    unreadable: () => {},
    outputs: () => {
      throw new Error('nothing is found')
    },
    duties: () => ({ components: [], told: () => {} }),
  })
  expect(member.events.event('meters', { id: 'm', volts: 230 }, wallMs)).toMatchObject({ reason: 'not_here' })
  expect(member.events.streams.map(({ name }) => name)).toEqual(['service', 'host', 'meters'])
  expect(member.entities()).toEqual([])
  expect(member.time()).toBe(wallMs)
})
