import type { Entity } from '@adf/contract'
import { normal, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import type { Disturbance } from './ports.ts'
import { MemoryStates, makeEngine } from './testing/engine.ts'
import type { FeatureVector, StreamSpec } from './vector.ts'

const stream: StreamSpec = {
  name: 'service',
  entityKind: 'host',
  features: [
    { name: 'request_rate', unit: '', direction: 'both' },
    { name: 'latency_p95', unit: 'ms', direction: 'high', symptom: true },
    { name: 'cpu_usage_percent', unit: '%', direction: 'high' },
  ],
}
const entity: Entity = { id: 'cart', kind: 'host' }
const REFIT = 500
const CUT = 700

/** Noise that remembers a little; `shift` is in its standard deviations. */
function traffic(seed: number, version?: (i: number) => string) {
  const rng = seeded(seed)
  const memory = Float64Array.from(stream.features, () => normal(rng))
  let i = 0
  return (shift: readonly number[] = [0, 0, 0]): FeatureVector => {
    const noise = memory
      .map((value) => 0.5 * value + 0.87 * normal(rng))
      .map((value, f) => {
        memory[f] = value
        return value + shift[f]!
      })
    const timeMs = ++i * 60_000
    const values = Float64Array.of(100 + 5 * noise[0]!, 50 * Math.exp(0.1 * noise[1]!), 40 + 3 * noise[2]!)
    return { stream, entity, version: version?.(i), timeMs, arrivalMs: timeMs, values }
  }
}

/** As incidents do: open on the entity while it is anomalous, and for a while after. */
function own(kind: 'own' | 'wider') {
  let until = 0
  let now = 0
  const disturbance: Disturbance = () => (now < until ? kind : 'none')
  const saw = (anomalous: boolean) => {
    now++
    if (anomalous) until = now + 5
  }
  return { disturbance, saw }
}

function run(kind: 'own' | 'wider', shift: readonly number[], seed: number, count = 1200) {
  const incident = own(kind)
  const { engine, registry } = makeEngine({ refitEvery: REFIT }, { disturbance: incident.disturbance })
  const next = traffic(seed)
  const flags: boolean[] = []
  for (let i = 0; i < CUT + count; i++) {
    const scored = engine.score(next(i < CUT ? undefined : shift))
    incident.saw(scored?.anomalous ?? false)
    if (i >= CUT) flags.push(scored?.anomalous ?? false)
  }
  return { flags, registry, engine, next }
}

const seeds = [1, 2, 3, 4, 5]
const UP = [20, 0, 0]
const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length

describe('a level that has changed for good', () => {
  it.each(seeds)('is learned within a refit interval while nothing else is wrong (seed %i)', async (seed) => {
    const { flags, registry } = run('own', UP, seed)
    expect(share(flags.slice(0, 300))).toBeGreaterThan(0.95)
    expect(share(flags.slice(REFIT))).toBeLessThan(0.005)
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_drifts_total 1')
    expect(metrics).toContain('adf_entities_relearned_total 1')
  })

  it.each(seeds)('stays flagged while others are in trouble too (seed %i)', (seed) => {
    expect(share(run('wider', UP, seed).flags)).toBeGreaterThan(0.95)
  })

  it.each(seeds)('stays flagged when users feel it (seed %i)', (seed) => {
    expect(share(run('own', [0, 20, 0], seed).flags)).toBeGreaterThan(0.95)
  })

  it.each(seeds)('is learned in the end, whatever else is wrong (seed %i)', (seed) => {
    expect(share(run('wider', UP, seed, 4 * REFIT + 300).flags.slice(4 * REFIT))).toBeLessThan(0.02)
  })
})

it.each(seeds)('an incident that ends is not learned: what was normal still is (seed %i)', (seed) => {
  const { flags, engine, next } = run('own', UP, seed, 300)
  expect(share(flags)).toBeGreaterThan(0.95)
  const after = Array.from({ length: 300 }, () => engine.score(next())?.anomalous ?? true)
  expect(share(after.slice(5))).toBeLessThan(0.01)
})

it('a change that came with another version is learned sooner', () => {
  const first = (version: (i: number) => string) => {
    const incident = own('own')
    const { engine } = makeEngine({ refitEvery: REFIT }, { disturbance: incident.disturbance })
    const next = traffic(1, version)
    const flags = Array.from({ length: CUT + 600 }, (_, i) => {
      const anomalous = engine.score(next(i < CUT ? undefined : UP))?.anomalous ?? false
      incident.saw(anomalous)
      return anomalous
    })
    return flags.lastIndexOf(true) - CUT
  }
  expect(first((i) => (i <= CUT ? 'v1' : 'v2'))).toBeLessThan(first(() => 'v1') - 100)
})

it('what is under way goes on after a restart', async () => {
  const states = new MemoryStates()
  const disturbance: Disturbance = () => 'own'
  const [a, b] = [traffic(3), traffic(3)]
  const whole = makeEngine({}, { disturbance }).engine
  const first = makeEngine({}, { disturbance, states }).engine
  await first.restore(stream, entity)
  const shift = (i: number) => (i < CUT ? undefined : UP)
  for (let i = 0; i < CUT + 350; i++) expect(first.score(a(shift(i)))).toEqual(whole.score(b(shift(i))))
  await first.save()
  const second = makeEngine({}, { disturbance, states }).engine
  expect(await second.restore(stream, entity)).toBe(true)
  for (let i = 0; i < 600; i++) expect(second.score(a(UP))).toEqual(whole.score(b(UP)))
})
