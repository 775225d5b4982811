import { describe, expect, it } from 'vitest'
import { ModelError } from '../codec/model-error.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { type Circumstances, type Drift, DriftMonitor, type DriftOptions } from './monitor.ts'

const STEP_MS = 60_000
const CALM: Circumstances = { incidentOpen: false, deployed: false }
const make = (rest: Partial<DriftOptions> = {}) =>
  new DriftMonitor({
    features: ['cpu', 'latency'],
    reference: 300,
    batch: 10,
    size: 2,
    ratio: 2,
    persist: 400,
    ...rest,
  })

/** Standard deviation 1, correlation `memory` from one to the next. */
function noise(seed: number, memory: number): () => number {
  const rng = seeded(seed)
  let value = normal(rng)
  return () => {
    value = memory * value + Math.sqrt(1 - memory * memory) * normal(rng)
    return value
  }
}

interface Case {
  readonly seed: number
  readonly count: number
  readonly memory?: number
  readonly shape: (i: number, noise: number) => number
  readonly circumstances?: (i: number) => Circumstances
}

/** The first report, and at which vector; `cpu` is plain noise, `latency` has the shape. */
function first(
  monitor: DriftMonitor,
  { seed, count, memory = 0.7, shape, circumstances = () => CALM }: Case,
) {
  const [cpu, latency] = [noise(seed, memory), noise(seed + 1000, memory)]
  for (let i = 0; i < count; i++) {
    const drift = monitor.add(Float64Array.of(cpu(), shape(i, latency())), i * STEP_MS, circumstances(i))
    if (drift !== undefined) return { ...drift, at: i }
  }
  return undefined
}

const seeds = Array.from({ length: 50 }, (_, i) => i + 1)
const step =
  (from: number, size: number, to = Number.POSITIVE_INFINITY) =>
  (i: number, value: number) =>
    i >= from && i < to ? value + size : value

it('reports a permanent change of level within 500 vectors, on every seed', () => {
  for (const seed of seeds) {
    const drift = first(make(), { seed, count: 2000, shape: step(1000, 3) })
    expect(drift).toMatchObject({ kind: 'level', feature: 'latency' } satisfies Partial<Drift>)
    expect(drift!.at).toBeGreaterThan(1000 + 300)
    expect(drift!.at).toBeLessThanOrEqual(1500)
    expect(Math.abs(drift!.sinceMs / STEP_MS - 1000)).toBeLessThanOrEqual(20)
  }
})

it.each([0, 0.5, 0.9])('is wrong at most once in 50 stationary series that remember %f', (memory) => {
  const wrong = seeds.filter((seed) => first(make(), { seed, count: 5000, memory, shape: (_, v) => v }))
  expect(wrong.length).toBeLessThanOrEqual(1)
})

it('does not take an incident of the same size that ends for drift', () => {
  for (const seed of seeds)
    expect(first(make(), { seed, count: 3000, shape: step(1000, 3, 1300) })).toBeUndefined()
})

it('waits while an incident is open, and longer than it takes', () => {
  const open = (from: number, to: number) => (i: number) => ({ ...CALM, incidentOpen: i >= from && i < to })
  for (const seed of seeds.slice(0, 10)) {
    const incident = { seed, count: 3000, shape: step(1000, 3, 1800), circumstances: open(1005, 1900) }
    expect(first(make(), incident)).toBeUndefined()
    const lasting = { seed, count: 4000, shape: step(1000, 3), circumstances: open(1005, 1800) }
    expect(first(make(), lasting)!.at).toBeLessThanOrEqual(1810)
    const never = { ...lasting, circumstances: open(1005, 1e9) }
    expect(first(make(), never)!.at).toBeGreaterThan(2500)
  }
})

it('waits less after a deploy, and for a change that came before it no less', () => {
  const deployed = (at: number) => (i: number) => ({ ...CALM, deployed: i === at })
  for (const seed of seeds.slice(0, 10)) {
    const shape = step(1000, 3)
    expect(first(make(), { seed, count: 2000, shape, circumstances: deployed(990) })!.at).toBeLessThanOrEqual(
      1250,
    )
    expect(first(make(), { seed, count: 2000, shape, circumstances: deployed(1200) })!.at).toBeGreaterThan(
      1300,
    )
  }
})

it('reports a change of variance', () => {
  for (const seed of seeds) {
    const drift = first(make(), { seed, count: 2500, shape: (i, v) => (i < 1000 ? v : 3 * v) })
    expect(drift).toMatchObject({ kind: 'variance', feature: 'latency' })
    expect(drift!.at).toBeLessThanOrEqual(1600)
  }
})

it('waits for a ramp to arrive', () => {
  const ramp = (i: number, value: number) => value + Math.max(0, Math.min(2000, i - 1000)) * 0.01
  for (const seed of seeds.slice(0, 10))
    expect(first(make(), { seed, count: 6000, shape: ramp })!.at).toBeGreaterThan(2900)
})

describe('season', () => {
  const day = (i: number) => Math.sin((2 * Math.PI * i) / 1440)
  const seasonMs = 1440 * STEP_MS

  it('reports a shape that stays another, at the end of the second cycle', () => {
    for (const seed of seeds.slice(0, 10)) {
      const shape = (i: number, value: number) => 1.4 * day(i < 8 * 1440 ? i : i + 480) + value / 2
      const drift = first(make({ seasonMs, reference: 1440 }), { seed, count: 14 * 1440, shape })
      expect(drift).toMatchObject({ kind: 'season', feature: 'latency', sinceMs: 8 * seasonMs })
      expect(drift!.at).toBe(10 * 1440)
    }
  })

  it('takes a single odd day for nothing, and a season that stays for none', () => {
    for (const seed of seeds.slice(0, 10)) {
      const odd = (i: number, value: number) =>
        1.4 * day(Math.floor(i / 1440) === 8 ? i + 480 : i) + value / 2
      const options = { seasonMs, reference: 1440 }
      expect(first(make(options), { seed, count: 14 * 1440, shape: odd })).toBeUndefined()
      const noisy = { seed, count: 14 * 1440, memory: 0.9, shape: (_: number, v: number) => v }
      expect(first(make(options), noisy)).toBeUndefined()
    }
  })
})

it('goes on after a restart as if nothing had happened, and refuses what it did not write', () => {
  const options = { seasonMs: 1440 * STEP_MS }
  const monitor = make(options)
  first(monitor, { seed: 1, count: 1100, shape: step(1000, 3) })
  const copy = make(options)
  copy.load(monitor.save())
  const later: Case = { seed: 2, count: 1000, shape: (_, v) => v + 3 }
  expect(first(copy, later)).toEqual(first(monitor, later))
  const before = copy.save()
  expect(() => copy.load(before.subarray(1))).toThrow(ModelError)
  expect(() => make().load(before)).toThrow(expect.objectContaining({ code: 'foreign' }))
  expect(copy.save()).toEqual(before)
})

it('takes missing, constant and huge values', () => {
  const monitor = make({ seasonMs: 100 * STEP_MS })
  for (let i = 0; i < 3000; i++)
    expect(
      monitor.add(Float64Array.of(Number.NaN, i % 500 === 7 ? 1e308 : 0), i * STEP_MS, CALM),
    ).toBeUndefined()
})

it('keeps less than 2 KB a feature', () => {
  const features = Array.from({ length: 17 }, (_, i) => `f${i}`)
  expect(make({ features }).save().length / 17).toBeLessThan(2048)
})
