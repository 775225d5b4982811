import { describe, expect, it } from 'vitest'
import { ModelError } from '../codec/model-error.ts'
import { defaultSpec } from '../defaults.ts'
import { defaultEnsemble } from '../ensemble/default.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { OnlineDetector } from './online-detector.ts'

const MINUTE_MS = 60_000
const plain = (name: string): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 })
const features = ['a', 'b', 'c'].map(plain)

/** b follows a; both wander. */
function* traffic(seed: number) {
  const rng = seeded(seed)
  let level = 0
  for (;;) {
    level = 0.99 * level + 0.14 * normal(rng)
    yield Float64Array.of(50 + 5 * level + normal(rng), 20 + 5 * level + normal(rng), normal(rng))
  }
}

function take(rows: Generator<Float64Array>, count: number) {
  return Array.from({ length: count }, () => rows.next().value as Float64Array)
}

function trained(seed = 1, count = 3000, spoil = (row: Float64Array, _: number) => row) {
  const rows = traffic(seed)
  const detector = new OnlineDetector({ detector: defaultEnsemble(features, 5000) })
  const history = take(rows, count).map(spoil)
  detector.train(
    History.of(
      history,
      [...history.keys()].map((i) => i * MINUTE_MS),
    ),
  )
  let minute = count
  const next = (change = (row: Float64Array) => row) =>
    detector.detect(change(rows.next().value as Float64Array), minute++ * MINUTE_MS)
  return { detector, next }
}

describe('OnlineDetector', () => {
  it('keeps the promise of the score on traffic that it has not seen', () => {
    let [hundredth, thousandth, count] = [0, 0, 0]
    for (let seed = 1; seed <= 8; seed++) {
      const { next } = trained(seed)
      for (let i = 0; i < 5000; i++) {
        const { score } = next()
        count++
        if (score >= 1 / 3) hundredth++
        if (score >= 1 / 2) thousandth++
      }
    }
    expect(hundredth / count / 1e-2).toBeGreaterThan(0.5)
    expect(hundredth / count / 1e-2).toBeLessThan(2)
    expect(thousandth / count / 1e-3).toBeGreaterThan(0.5)
    expect(thousandth / count / 1e-3).toBeLessThan(2)
  })

  it('finds trouble, says where, and is quiet again', () => {
    const { detector, next } = trained()
    for (let i = 0; i < 200; i++) next()
    const before = detector.statistics().anomalies
    const found = Array.from({ length: 10 }, () => next((row) => row.with(2, row[2]! + 12)))
    expect(found.filter(({ isAnomaly }) => isAnomaly).length).toBeGreaterThan(8)
    const { parts } = found.find(({ isAnomaly }) => isAnomaly)!.explanation!
    expect(parts.indexOf(Math.max(...parts))).toBe(2)
    for (let i = 0; i < 40; i++) next()
    expect(
      Array.from({ length: 200 }, () => next()).filter(({ isAnomaly }) => isAnomaly).length,
    ).toBeLessThan(4)
    expect(detector.statistics().anomalies).toBeGreaterThan(before)
  })

  it('finds the same trouble when its history was full of it', () => {
    const spike = (row: Float64Array) => row.with(2, row[2]! + 12)
    const { detector, next } = trained(1, 3000, (row, i) => (i % 1000 < 15 ? spike(row) : row))
    for (let i = 0; i < 200; i++) next()
    const found = Array.from({ length: 10 }, () => next(spike))
    expect(found.filter(({ isAnomaly }) => isAnomaly).length).toBeGreaterThan(8)
    expect(detector.threshold).toBeLessThan(-Math.log10(1.5 / 1440) / 6)
  })

  it('goes on bit for bit after a restart', () => {
    const { detector } = trained()
    const copy = new OnlineDetector({ detector: defaultEnsemble(features, 5000) })
    copy.load(detector.save())
    for (const [i, row] of take(traffic(9), 700).entries())
      expect(copy.detect(row, (3000 + i) * MINUTE_MS)).toEqual(detector.detect(row, (3000 + i) * MINUTE_MS))
    expect(copy.save()).toEqual(detector.save())
  })

  it('refuses foreign bytes and stays as it was', () => {
    const { detector } = trained()
    const before = detector.save()
    const other = new OnlineDetector({ detector: defaultEnsemble(features.slice(0, 2), 5000) })
    expect(() => detector.load(other.save())).toThrow(ModelError)
    expect(() => detector.load(before.subarray(0, 40))).toThrow(ModelError)
    expect(detector.save()).toEqual(before)
  })

  it('tells the beginnings of trouble in a single feature, and follows a new level', () => {
    const features = [plain('value')]
    const spec = defaultSpec('ensemble', { features, halfLife: 20_000, seed: 1 })
    const detector = new OnlineDetector({ detector: spec })
    const rng = seeded(4)
    const rows = Array.from({ length: 600 }, () => Float64Array.of(50 + normal(rng)))
    detector.train(
      History.of(
        rows,
        rows.map((_, i) => i * 5 * MINUTE_MS),
      ),
    )
    // One alert in ten days of 288 vectors each, 60 of which it lasts.
    expect(detector.threshold).toBeCloseTo(-Math.log10(6 / 288) / 6, 9)
    const flags = Array.from({ length: 1000 }, (_, i) => {
      const level = i === 300 ? 80 : i < 600 ? 50 : 70
      return detector.detect(Float64Array.of(level + normal(rng)), (600 + i) * 5 * MINUTE_MS).isAnomaly
    })
    expect(flags[300] && flags[600]).toBe(true)
    expect(flags.slice(301, 360)).not.toContain(true)
    expect(flags.slice(601, 660)).not.toContain(true)
    expect(flags.filter((flag) => flag).length).toBeLessThan(12)
  })

  it('takes a threshold, and goes back to the one of its budget', () => {
    const { detector } = trained()
    const budget = detector.threshold
    // One alert in ten days of 1,440 vectors each, 15 of which make one; drawn towards what is usual.
    expect(Math.abs(budget + Math.log10(1.5 / 1440) / 6)).toBeLessThan(0.1)
    detector.setThreshold(0.9)
    expect(detector.threshold).toBe(0.9)
    detector.setThreshold(undefined)
    expect(detector.threshold).toBe(budget)
    expect(() => detector.setThreshold(1.5)).toThrow('threshold 1.5 is not in [0, 1]')
  })
})
