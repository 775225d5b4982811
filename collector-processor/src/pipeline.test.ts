import { Registry } from 'prom-client'
import { afterEach, expect, it } from 'vitest'
import { Config } from './config.ts'
import { scoringOptions } from './engine-options.ts'
import { Pipeline } from './pipeline.ts'
import { ScoringEngine } from './scoring/engine.ts'
import { MemoryStates } from './scoring/testing/engine.ts'
import { MemoryThresholds } from './scoring/testing/thresholds.ts'

const T0 = Date.parse('2026-03-01T03:00:00Z')
const config = Config.parse({
  edge: { detection: { warm_up: 100, detectors: ['robust'], rerank: 'none', initial_threshold: 0.6 } },
  streams: { sensors: { entity: 'sensor', features: { temperature: {} } } },
})
const running: ScoringEngine[] = []
afterEach(async () => {
  for (const engine of running.splice(0)) await engine.stop()
})

/** As after the start of a process on the database that `states` stands for. */
async function started(states: MemoryStates) {
  const registry = new Registry()
  const scoring = new ScoringEngine(scoringOptions(config, 'inline'), {
    registry,
    states,
    thresholds: new MemoryThresholds(),
    warn: () => {},
  })
  await scoring.start()
  running.push(scoring)
  const anomalies: number[] = []
  let ids = 0
  const pipeline = new Pipeline({
    config,
    clock: () => T0,
    rng: () => 0.5,
    newId: () => `id-${ids++}`,
    registry,
    scoring,
    outputs: {
      anomaly: ({ contributions }) => anomalies.push(contributions[0]?.value ?? Number.NaN),
      joined() {},
      happened() {},
      incident() {},
      left() {},
      failed(error) {
        throw error
      },
    },
  })
  const read = (...temperatures: readonly number[]) => {
    for (const temperature of temperatures)
      expect(pipeline.features.event('sensors', { sensor: 'boiler', temperature }, T0)).toEqual({
        accepted: true,
      })
  }
  return { pipeline, scoring, read, anomalies, registry }
}

const usual = Array.from({ length: 200 }, (_, n) => 60 + 10 * Math.sin(n * 2.399))

it('learns all events of a new entity that come at once', async () => {
  const { pipeline, scoring, read, registry } = await started(new MemoryStates())
  read(...usual)
  pipeline.advance(T0)
  await new Promise(setImmediate)
  pipeline.advance(T0 + 1000)
  expect(scoring.inspect('sensors', 'boiler')).toMatchObject({ ready: true })
  const told = await registry.metrics()
  expect(told).toContain('adf_vectors_skipped_total{reason="loading"} 0')
  expect(told).toContain('adf_vectors_skipped_total{reason="warming_up"} 100')
  expect(told).toContain('adf_vectors_scored_total 100')
})

it('judges events of a known entity at once, without a step', async () => {
  const { pipeline, read, anomalies, registry } = await started(new MemoryStates())
  read(...usual)
  pipeline.advance(T0)
  await new Promise(setImmediate)
  pipeline.advance(T0 + 1000)
  read(500)
  expect(anomalies).toEqual([])
  pipeline.judgeEvents()
  expect(anomalies).toEqual([500])
  pipeline.advance(T0 + 2000)
  expect(anomalies).toEqual([500])
  expect(await registry.metrics()).toContain('adf_vectors_scored_total 101')
})

it('judges the first events after a start, in their order, once what was learned is read', async () => {
  const states = new MemoryStates()
  const first = await started(states)
  await first.scoring.restore(first.pipeline.features.streams.find(({ name }) => name === 'sensors')!, {
    id: 'boiler',
    kind: 'event',
  })
  first.read(...usual)
  first.pipeline.advance(T0)
  await first.scoring.stop()

  const second = await started(states)
  second.read(400, 60, 500)
  second.pipeline.advance(T0)
  expect(second.anomalies).toEqual([])
  await new Promise(setImmediate)
  second.pipeline.advance(T0 + 1000)
  expect(second.anomalies).toEqual([400, 500])
  second.pipeline.advance(T0 + 2000)
  expect(second.anomalies).toEqual([400, 500])
})
