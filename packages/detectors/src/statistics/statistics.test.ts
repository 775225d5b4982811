import { describe, expect, it } from 'vitest'
import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { DigestBank } from './digest.ts'
import { effectiveSize } from './effective-size.ts'
import { fitPareto } from './pareto.ts'
import { exponential, normal, poisson, seeded } from './sampling.ts'
import { transientLength } from './transient.ts'

function digest(values: Iterable<number>, halfLife = 1e9): DigestBank {
  const bank = new DigestBank(2, halfLife)
  for (const value of values) take(bank, 1, value)
  if (bank.buffered(1) > 0) bank.compress(1)
  return bank
}

const SERIES = 6
const what = (bank: DigestBank, i: number) => [
  bank.seen(i),
  bank.buffered(i),
  ...[0.01, 0.3, 0.5, 0.99].map((q) => bank.quantile(i, q)),
  bank.deviation(i, bank.quantile(i, 0.5)),
]

function take(bank: DigestBank, i: number, value: number): void {
  if (bank.add(i, value)) bank.compress(i)
}

const restarted = (bank: DigestBank) => {
  const bytes = encodeModel({ kind: 'test', version: 1, layers: new Map(bank.layers('bank')) })
  const copy = new DigestBank(SERIES, 500)
  copy.restoreFrom('bank', new Layers(bytes, 'test', 1))
  return copy
}

describe('DigestBank', () => {
  it.each([
    ['normal', normal],
    ['log-normal', (rng: () => number) => Math.exp(2 * normal(rng))],
    ['few distinct values', (rng: () => number) => Math.floor(rng() * 200)],
  ])('has quantiles within 1 %% of rank: %s', (_, draw) => {
    const rng = seeded(1)
    const values = Float64Array.from({ length: 20_000 }, () => draw(rng))
    const bank = digest(values)
    for (const q of [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]) {
      const value = bank.quantile(1, q)
      const rank = values.filter((v) => v <= value).length / values.length
      expect(Math.abs(rank - q)).toBeLessThan(0.01)
    }
    expect(bank.quantile(0, 0.5)).toBeNaN()
  })

  it('finds the median absolute deviation', () => {
    const rng = seeded(2)
    const bank = digest(Float64Array.from({ length: 20_000 }, () => normal(rng)))
    expect(bank.deviation(1, bank.quantile(1, 0.5))).toBeCloseTo(0.6745, 1)
  })

  it('forgets with its half-life', () => {
    const old = new Array(3200).fill(0)
    const fresh = new Array(320).fill(1)
    // After 320 values at half-life 320 what is old weighs half of its full weight of 461.
    const bank = digest([...old, ...fresh], 320)
    expect(bank.quantile(1, 0.35)).toBeCloseTo(0, 6)
    expect(bank.quantile(1, 0.65)).toBeCloseTo(1, 6)
  })

  it('keeps a small noise on a large level, and comes back to it after a jump', () => {
    const rng = seeded(3)
    const level = 1e9
    const bank = digest(
      Float64Array.from({ length: 9600 }, (_, i) => level + (i < 3200 ? 1e9 : 0) + 0.01 * normal(rng)),
      320,
    )
    const center = bank.quantile(1, 0.5)
    expect(Math.abs(center - level)).toBeLessThan(0.003)
    expect(Math.abs(bank.deviation(1, center) - 0.0067)).toBeLessThan(0.0015)
  })

  it('keeps series apart while they need ever more room, and goes on after a restart', () => {
    const rng = seeded(4)
    let bank = new DigestBank(SERIES, 500)
    const alone = Array.from({ length: SERIES }, () => new DigestBank(1, 500))
    for (let k = 0; k < 2000; k++)
      for (const [i, own] of alone.entries()) {
        // Values that rise make more centroids than others do; some series begin late.
        const value = (i % 2) * k + normal(rng)
        if (k < 100 * i) continue
        take(own, 0, value)
        take(bank, i, value)
        if (k === 1000) bank = restarted(bank)
        if (k % 100 === 0) expect(what(bank, i)).toEqual(what(own, 0))
      }
    for (const [i, own] of alone.entries()) expect(what(bank, i)).toEqual(what(own, 0))
    bank.reset()
    expect(bank.seen(1)).toBe(0)
    expect(bank.quantile(1, 0.5)).toBeNaN()
  })

  it('stays finite with values of 1e308', () => {
    const bank = digest(Array.from({ length: 500 }, (_, i) => (i % 2 ? 1e308 : -1e308)))
    for (const q of [0, 0.3, 0.5, 0.9, 1]) expect(Number.isFinite(bank.quantile(1, q))).toBe(true)
  })
})

describe('fitPareto', () => {
  it.each([-0.2, 0, 0.2, 0.5])('finds shape %d', (shape) => {
    const rng = seeded(3)
    const draw = () => (shape === 0 ? exponential(rng) : ((1 - rng()) ** -shape - 1) / shape)
    const fit = fitPareto(Float64Array.from({ length: 4000 }, draw).sort())
    expect(fit.shape).toBeCloseTo(shape, 1)
    expect(Math.abs(fit.scale - 1)).toBeLessThan(0.1)
  })

  it('falls back to the mean where there is no shape to see', () => {
    expect(fitPareto(Float64Array.of(1, 3))).toEqual({ scale: 2, shape: 0 })
    expect(fitPareto(new Float64Array(50).fill(7)).scale).toBeCloseTo(7, 9)
  })
})

describe('effectiveSize', () => {
  it('is n for independent and less for overlapping samples', () => {
    const rng = seeded(4)
    const noise = Float64Array.from({ length: 4040 }, () => normal(rng))
    const moving = noise.subarray(40).map((_, i) => noise.subarray(i, i + 40).reduce((a, b) => a + b, 0))
    expect(effectiveSize(noise)).toBeGreaterThan(3000)
    expect(effectiveSize(moving)).toBeGreaterThan(50)
    expect(effectiveSize(moving)).toBeLessThan(200)
  })

  it('takes constant and short series', () => {
    expect(effectiveSize(new Float64Array(100).fill(1))).toBe(100)
    expect(effectiveSize(Float64Array.of(1, 2))).toBe(2)
  })
})

it('Poisson counts have their mean as variance', () => {
  const rng = seeded(5)
  const counts = Array.from({ length: 20_000 }, () => poisson(rng, 7))
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length
  const variance = counts.reduce((a, b) => a + (b - mean) ** 2, 0) / counts.length
  expect(mean).toBeCloseTo(7, 0)
  expect(variance / mean).toBeCloseTo(1, 1)
})

describe('transientLength', () => {
  const noise = (length: number, seed: number) => {
    const rng = seeded(seed)
    return Float64Array.from({ length }, () => 1 + 0.2 * normal(rng))
  }

  it('finds where a start-up ends', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const series = noise(200, seed).map((value, i) => value + (i < 60 ? 3 - i / 20 : 0))
      const dropped = transientLength(series, 80)
      expect(dropped).toBeGreaterThanOrEqual(45)
      expect(dropped % 5).toBe(0)
    }
  })

  it('drops nothing of a steady series', () => {
    for (let seed = 1; seed <= 100; seed++) expect(transientLength(noise(203, seed), 80)).toBe(0)
  })

  it('drops nothing that comes later, nor more than it may', () => {
    const late = noise(200, 1).map((value, i) => value + (i > 20 && i < 60 ? 3 : 0))
    expect(transientLength(late, 80)).toBe(0)
    const long = noise(200, 1).map((value, i) => value + Math.max(0, 3 - i / 40))
    expect(transientLength(long, 80)).toBe(80)
  })

  it('takes series that are constant, or too short to judge', () => {
    expect(transientLength(new Float64Array(100).fill(2), 40)).toBe(0)
    expect(transientLength(Float64Array.of(9, 1, 1, 1), 2)).toBe(0)
    expect(transientLength(new Float64Array(0), 0)).toBe(0)
  })
})
