import { normal, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { Config } from '../config.ts'
import { scoringOptions } from '../engine-options.ts'
import { sampleAnomaly } from '../store/sample.test-data.ts'
import { StreamModels } from './stream-models.ts'
import { MemoryStates, makeEngine } from './testing/engine.ts'
import { MemoryThresholds } from './testing/thresholds.ts'
import type { FeatureVector, StreamSpec } from './vector.ts'

const stream: StreamSpec = {
  name: 'machines',
  entityKind: 'host',
  features: [
    { name: 'load', unit: '', direction: 'both' },
    { name: 'temperature', unit: '', direction: 'both', max: 200 },
  ],
}

/** The temperature follows the load; one vector a minute. */
function machine(seed = 1) {
  const rng = seeded(seed)
  let minute = 0
  return (change = (values: Float64Array) => values): FeatureVector => {
    const load = normal(rng)
    const timeMs = ++minute * 60_000
    const values = change(Float64Array.of(50 + 5 * load, 60 + 5 * load + 0.02 * normal(rng)))
    return { stream, entity: { id: 'm', kind: 'host' }, timeMs, arrivalMs: timeMs, values }
  }
}
const apart = (values: Float64Array) => Float64Array.of(values[0]! + 6, values[1]! - 6)
const options = { detectors: ['robust', 'pca', 'rules'], initialThreshold: undefined } as const

describe('several detectors on one stream', () => {
  it('see what one alone does not, name it, and count it', async () => {
    const { engine, registry } = makeEngine(options)
    const next = machine()
    for (let i = 0; i < 600; i++) engine.score(next())
    expect(engine.score(next(apart))).toMatchObject({ anomalous: true, detector: 'pca', seenBy: ['pca'] })
    for (let i = 0; i < 3; i++) engine.score(next())
    const far = engine.score(next((values) => values.map((value) => value + 150)))
    expect(far).toMatchObject({ anomalous: true, detector: 'rules', seenBy: ['rules', 'robust'] })
    engine.judged(sampleAnomaly(1, { seen_by: [...(far?.seenBy ?? [])] }), 'true_positive', null)
    const metrics = await registry.metrics()
    for (const model of ['rules', 'robust'])
      expect(metrics).toContain(`detector_true_positives_total{model="${model}"} 1`)
    expect(metrics).toContain('detector_true_positives_total{model="pca"} 0')
    expect(metrics).toMatch(/detector_reconstruction_error\{model="pca"\} \d/)
    expect(metrics).not.toContain('detector_reconstruction_error{model="robust"}')
  })

  it('by default are robust and the ensemble, of a stream of one feature robust alone', () => {
    const members = (features: StreamSpec['features']) =>
      new StreamModels({ ...stream, features }, scoringOptions(Config.parse({}))).learner?.members
    expect(members(stream.features)?.map(({ name }) => name)).toEqual(['robust', 'ensemble'])
    expect(members(stream.features.slice(0, 1))?.map(({ name }) => name)).toEqual(['robust'])
  })

  it('say nothing against a feature that begins after they were fitted', () => {
    const { engine } = makeEngine({ detectors: ['robust', 'ensemble', 'rules'] })
    const late: StreamSpec = {
      ...stream,
      features: [...stream.features, { name: 'novelty', unit: '', direction: 'high' }],
    }
    const rng = seeded(5)
    const next = machine(2)
    const loose = (values: Float64Array) => Float64Array.of(values[0]!, values[1]! + 2 * normal(rng))
    let flagged = 0
    for (let i = 0; i < 900; i++) {
      const vector = next(loose)
      const novelty = i < 400 ? Number.NaN : 1.2 + 0.3 * normal(rng)
      const values = Float64Array.of(...vector.values, novelty)
      if (engine.score({ ...vector, stream: late, values })?.anomalous) flagged++
    }
    expect(flagged).toBe(0)
  })

  it('take a log novelty that rested at 0 for news only when it is large', () => {
    const { engine } = makeEngine({ detectors: ['robust', 'ensemble', 'rules'] })
    const logging: StreamSpec = {
      ...stream,
      features: [...stream.features, { name: 'log_novelty', unit: '', direction: 'high' }],
    }
    const rng = seeded(5)
    const next = machine(2)
    const loose = (values: Float64Array) => Float64Array.of(values[0]!, values[1]! + 2 * normal(rng))
    const flagged = (vectors: number, novelty: number) => {
      let count = 0
      for (let i = 0; i < vectors; i++) {
        const vector = next(loose)
        const values = Float64Array.of(...vector.values, novelty)
        if (engine.score({ ...vector, stream: logging, values })?.anomalous) count++
      }
      return count
    }
    flagged(600, 0)
    expect(flagged(100, 0.85)).toBe(0)
    expect(flagged(20, 8)).toBe(20)
  })

  it('that are only compared are measured and change nothing', async () => {
    const alone = makeEngine({ ...options, detectors: ['robust'] })
    const beside = makeEngine({ ...options, detectors: ['robust'], compare: ['pca', 'k-means'] })
    const [a, b] = [machine(), machine()]
    for (let i = 0; i < 800; i++) {
      const change = i % 100 === 99 ? apart : undefined
      const [one, other] = [alone.engine.score(a(change)), beside.engine.score(b(change))]
      expect(other?.score).toBe(one?.score)
    }
    const metrics = await beside.registry.metrics()
    expect(metrics).toMatch(/detector_latency_seconds_count\{model="k-means"\} \d\d/)
    expect(await alone.registry.metrics()).not.toContain('k-means')
  })

  it('go on after a restart, bit for bit', async () => {
    const states = new MemoryStates()
    const [a, b] = [machine(), machine()]
    const whole = makeEngine(options).engine
    const first = makeEngine(options, { states }).engine
    await first.restore(stream, { id: 'm', kind: 'host' })
    for (let i = 0; i < 700; i++) expect(first.score(a())).toEqual(whole.score(b()))
    await first.save()
    const second = makeEngine(options, { states }).engine
    expect(await second.restore(stream, { id: 'm', kind: 'host' })).toBe(true)
    for (let i = 0; i < 300; i++) expect(second.score(a(apart))).toEqual(whole.score(b(apart)))
  })

  it('explain a vector by what came before it', () => {
    const { engine } = makeEngine({ ...options, detectors: ['ewma'] })
    const next = machine()
    for (let i = 0; i < 600; i++) engine.score(next())
    const scored = engine.score(next((values) => values.with(0, 120)))
    expect(scored?.contributions[0]).toMatchObject({ feature: 'load' })
    // The moving average before the jump, not one that it is already in.
    expect(scored?.contributions[0]?.expected).toBeLessThan(56)
  })
})

describe('threshold of a budget', () => {
  const after = (count: number, more: object) => {
    const { engine } = makeEngine({ ...options, ...more })
    const next = machine()
    for (let i = 0; i < count; i++) engine.score(next())
    return engine
  }

  it('follows from how often vectors come, once that is known', () => {
    expect(after(100, {}).threshold('machines', 'm')).toBe(0.8)
    const engine = after(300, { alertsPerDay: 0.15 })
    expect(engine.threshold('machines', 'm')).toBeCloseTo(-Math.log10(0.15 / 1440) / 6, 9)
    const fewer = after(300, { alertsPerDay: 0.015 })
    expect(fewer.threshold('machines', 'm')).toBeCloseTo(-Math.log10(0.015 / 1440) / 6, 9)
  })

  it('gives way to a number in the configuration, and to one that was tuned', async () => {
    const thresholds = new MemoryThresholds()
    const { engine } = makeEngine({ ...options, initialThreshold: 0.9 }, { thresholds })
    const next = machine()
    for (let i = 0; i < 300; i++) engine.score(next())
    expect(engine.threshold('machines', 'm')).toBe(0.9)
    thresholds.set('machines', 'm', 1.55)
    await engine.followThresholds()
    expect(engine.threshold('machines', 'm')).toBe(1.55)
    expect(engine.initialThreshold('machines', 'm')).toBe(0.9)
    thresholds.set('machines', 'm', null)
    await engine.followThresholds()
    expect(engine.threshold('machines', 'm')).toBe(0.9)
  })
})
