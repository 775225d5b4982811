import { Contribution, type Entity } from '@adf/contract'
import { normal, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { makeEngine } from './testing/engine.ts'
import { MemoryThresholds } from './testing/thresholds.ts'
import type { FeatureVector, StreamSpec } from './vector.ts'

const stream: StreamSpec = {
  name: 'machines',
  entityKind: 'event',
  features: [
    { name: 'latency_p95', unit: 'ms', direction: 'high', symptom: true },
    { name: 'cpu_usage_percent', unit: '%', direction: 'high', max: 90 },
  ],
}

/** A machine at about 100 ms and 40 %. */
function machine(id = 'a', seed = 1) {
  const rng = seeded(seed)
  let timeMs = 0
  return (level = 1, cpu = 40): FeatureVector => {
    timeMs += 1000
    const values = Float64Array.of(100 * level * Math.exp(0.1 * normal(rng)), cpu + normal(rng))
    return { stream, entity: { id, kind: 'event' }, timeMs, arrivalMs: timeMs, values }
  }
}

type Engine = ReturnType<typeof makeEngine>['engine']
const feed = (engine: Engine, next: ReturnType<typeof machine>, count: number, level = 1, cpu = 40) =>
  Array.from({ length: count }, () => engine.score(next(level, cpu)))

describe('ScoringEngine', () => {
  it('is silent for the warm-up, then scores', () => {
    const { engine } = makeEngine()
    const next = machine()
    expect(feed(engine, next, 200)).toEqual(Array(200).fill(undefined))
    const scored = engine.score(next())
    expect(scored).toMatchObject({ anomalous: false, threshold: 0.8, detector: 'robust', contributions: [] })
  })

  it('does not learn the first vectors of an entity when told so', () => {
    const { engine } = makeEngine({ settle: 30 })
    const other = machine()
    const next = () => ({ ...other(), entity: { id: 'a', kind: 'service' as const } })
    for (let i = 0; i < 30; i++) engine.score(next())
    expect(engine.inspect('machines', 'a')).toMatchObject({ ready: false, learned: 0 })
    for (let i = 0; i < 200; i++) expect(engine.score(next())).toBeUndefined()
    expect(engine.score(next())).toMatchObject({ anomalous: false })
  })

  it('judges fixed limits from the first vector on', () => {
    const { engine } = makeEngine()
    const scored = engine.score(machine()(1, 97))
    expect(scored).toMatchObject({ score: 1, anomalous: true, detector: 'rules', type: 'point' })
    expect(scored?.contributions[0]?.text).toMatch(
      /^cpu_usage_percent is 9\d(\.\d)? %, above its limit of 90 %$/,
    )
  })

  it('warms up an entity that is over a fixed limit all the time, or in an incident', () => {
    const { engine } = makeEngine({}, { disturbance: () => 'wider' })
    const next = machine()
    feed(engine, next, 200, 1, 97)
    expect(engine.inspect('machines', 'a')).toMatchObject({ ready: true })
  })

  it('explains an anomaly in words and numbers that keep the contract', () => {
    const { engine } = makeEngine()
    const next = machine()
    feed(engine, next, 500)
    const scored = engine.score(next(8))
    expect(scored?.anomalous).toBe(true)
    const [first] = scored!.contributions
    for (const each of scored!.contributions) expect(Contribution.parse(each)).toEqual(each)
    expect(scored!.contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
    expect(first?.feature).toBe('latency_p95')
    expect(first?.expected).toBeGreaterThan(90)
    expect(first?.expected).toBeLessThan(110)
    expect(first?.text).toMatch(/^latency_p95 is \d{3,4} ms, normally [78]\d(\.\d)? to 1[234]\d ms$/)
  })

  it('judges by the threshold of the entity, from the store or as told', async () => {
    const thresholds = new MemoryThresholds()
    thresholds.set('machines', 'a', 0)
    const { engine } = makeEngine({}, { thresholds })
    await engine.start()
    const next = machine()
    feed(engine, next, 400)
    expect(engine.score(next())).toMatchObject({ threshold: 0, anomalous: true })
    expect(engine.threshold('machines', 'b')).toBe(0.8)
    thresholds.set('machines', 'a', 0.95)
    await engine.followThresholds()
    expect(engine.score(next())).toMatchObject({ threshold: 0.95, anomalous: false })
    thresholds.set('machines', 'a', null)
    await engine.followThresholds()
    expect(engine.score(next())?.threshold).toBe(0.8)
    await engine.stop()
  })

  it('assesses without learning what it would score, and tells how far it is', () => {
    const { engine } = makeEngine()
    const next = machine()
    expect(engine.inspect('machines', 'a')).toBeUndefined()
    expect(engine.assess(next())).toBeUndefined()
    expect(engine.assess(next(1, 99))).toMatchObject({ detector: 'rules', anomalous: true })
    feed(engine, next, 150)
    expect(engine.inspect('machines', 'a')).toEqual({ ready: false, learned: 150, score: null })
    expect(engine.counts()).toEqual({ total: 1, ready: 0 })
    feed(engine, next, 50)
    expect(engine.counts()).toEqual({ total: 1, ready: 1 })
    const vector = next(8)
    const assessed = engine.assess(vector)
    expect(engine.assess(vector)).toEqual(assessed)
    expect(engine.score(vector)).toEqual(assessed)
    expect(assessed?.anomalous).toBe(true)
  })

  it('takes an infinite value for a missing one, and counts it', async () => {
    const { engine, registry } = makeEngine()
    const other = makeEngine().engine
    const next = machine()
    for (let i = 0; i < 250; i++) {
      const vector = next()
      const missing = i % 5 === 0 ? Float64Array.of(Number.NaN, vector.values[1]!) : vector.values.slice()
      if (i % 5 === 0) vector.values[0] = i % 2 === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
      expect(engine.score(vector)).toEqual(other.score({ ...vector, values: missing }))
    }
    expect(await registry.metrics()).toContain('adf_vector_values_ignored_total 50')
    const infinite = {
      ...next(),
      values: Float64Array.of(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    }
    expect(engine.assess(infinite)).toMatchObject({ anomalous: false, contributions: [] })
    expect(engine.assess(next(8))).toMatchObject({ anomalous: true })
  })

  it('has the largest score of a service by its node in the graph', () => {
    const { engine } = makeEngine()
    const vector = (instance: string, cpu: number): FeatureVector => ({
      ...machine()(1, cpu),
      entity: { id: instance, kind: 'service', namespace: 'shop', service: 'cart', instance },
    })
    for (let i = 0; i < 201; i++) engine.score({ ...vector('1', 40), timeMs: i })
    engine.score(vector('2', 99))
    expect([...engine.scoresByService()]).toEqual([['shop/cart', 1]])
  })

  it('does not learn anomalies: a long one stays flagged', () => {
    const { engine } = makeEngine()
    const next = machine()
    feed(engine, next, 600)
    expect(feed(engine, next, 1500, 3).every((scored) => scored?.anomalous)).toBe(true)
    expect(feed(engine, next, 100).some((scored) => scored?.anomalous)).toBe(false)
  })

  it('learns a level anew that lasts for four refits, without a gap', async () => {
    const { engine, registry } = makeEngine()
    const next = machine()
    feed(engine, next, 600)
    const shifted = feed(engine, next, 2400, 3)
    expect(shifted.slice(0, 1700).every((scored) => scored?.anomalous)).toBe(true)
    expect(shifted.slice(2010).filter((scored) => scored?.anomalous !== false)).toHaveLength(0)
    expect(await registry.metrics()).toContain('adf_entities_relearned_total 1')
  })

  it('does not get used to a slow rise before it is seen', () => {
    const { engine } = makeEngine()
    const next = machine()
    feed(engine, next, 600)
    const before = engine.assess(next(2))?.score ?? 0
    // Half a minute of vectors that the threshold does not reach, which then are found to belong to an anomaly.
    feed(engine, next, 100, 1.2)
    feed(engine, next, 1, 8)
    const after = engine.assess(next(2))?.score ?? 0
    expect(before).toBeGreaterThan(0.5)
    expect(Math.abs(after - before)).toBeLessThan(0.1)
  })

  it('learns nothing while an incident is open on the entity', () => {
    const disturbance = ({ id }: Entity) => (id === 'a' && open ? 'wider' : 'none')
    const frozen = makeEngine({ halfLife: 100 }, { disturbance }).engine
    const free = makeEngine({ halfLife: 100 }).engine
    let open = false
    const run = (engine: Engine) => {
      open = false
      const next = machine()
      feed(engine, next, 600)
      open = true
      // A creep that is never anomalous by itself is swallowed, unless learning is off.
      for (let i = 1; i <= 600; i++) engine.score(next(1 + i / 2000))
      return engine.score(next(1.3))!.score
    }
    expect(run(frozen)).toBeGreaterThan(run(free) + 0.1)
  })

  it('takes NaN and huge values', () => {
    const { engine } = makeEngine()
    const next = machine()
    feed(engine, next, 300)
    for (const values of [
      [Number.NaN, Number.NaN],
      [1e308, 1],
      [-1e308, -1e308],
      [0, 0],
    ]) {
      const scored = engine.score({ ...next(), values: Float64Array.from(values) })
      expect(scored?.score).toBeGreaterThanOrEqual(0)
      expect(scored?.score).toBeLessThanOrEqual(1)
    }
  })

  it('is deterministic with inline training', () => {
    const run = () => {
      const next = machine()
      return feed(makeEngine().engine, next, 900).map((scored) => scored?.score)
    }
    expect(run()).toEqual(run())
  })
})

describe('bounded entities', () => {
  const at = (id: string, timeMs: number): FeatureVector => ({
    stream,
    entity: { id, kind: 'event' },
    timeMs,
    arrivalMs: timeMs,
    values: Float64Array.of(100, 97),
  })

  it('turns newcomers away while all are alive, and counts them', async () => {
    const { engine, registry } = makeEngine({ maxEntities: 2 })
    expect(engine.score(at('a', 0))).toBeDefined()
    expect(engine.score(at('b', 0))).toBeDefined()
    for (let i = 0; i < 5; i++) expect(engine.score(at(`new${i}`, 1000))).toBeUndefined()
    expect(engine.score(at('a', 2000))).toBeDefined()
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_vectors_skipped_total{reason="too_many_entities"} 5')
    expect(metrics).toContain('adf_scored_entities 2')
  })

  it('puts out the least recently used one once it is stale', async () => {
    const { engine, registry } = makeEngine({ maxEntities: 2 })
    engine.score(at('a', 0))
    engine.score(at('b', 1))
    engine.score(at('a', 400_000))
    expect(engine.score(at('c', 400_001))).toBeDefined()
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_entities_evicted_total 1')
    expect(metrics).toContain('adf_anomaly_score{stream="machines",entity="c"}')
    expect(metrics).not.toContain('entity="b"')
  })
})
