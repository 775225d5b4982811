import { describe, expect, it } from 'vitest'
import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import type { Feature } from '../feature.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { CalibratedDetector } from './calibrated-detector.ts'
import type { PanelMember } from './panel.ts'
import { train } from './training.ts'

const features: Feature[] = ['a', 'b'].map((name) => ({
  name,
  direction: 'both',
  transform: 'linear',
  floor: 1e-6,
}))
const plain: PanelMember = {
  name: 'ewma',
  detector: { kind: 'ewma', features, span: 10, halfLife: 5000 },
  weight: 1,
}
const relative: PanelMember = { ...plain, background: 5000 }
const BUDGET = 0.5

/** Trained on vectors of which `spoilt` in a hundred are ten standard deviations off. */
function made(member: PanelMember, remembered = 200, spoilt = 0) {
  const rng = seeded(1)
  const count = 1000
  const vectors = Float64Array.from(
    { length: 2 * count },
    (_, i) => normal(rng) + (i % 200 < 2 * spoilt ? 10 : 0),
  )
  const timesMs = Float64Array.from({ length: count }, (_, i) => 60_000 * i)
  const detector = new CalibratedDetector(member, remembered, 1)
  detector.finish(train({ kind: 'warm_up', members: [member], vectors, timesMs })[0]!)
  return detector
}

describe('limit', () => {
  it('is the budget of raw scores', () => {
    expect(made(plain).limit(BUDGET)).toBe(BUDGET)
  })

  it('is the budget when the history was normal, and below it when it held anomalies', () => {
    expect(made(relative).limit(BUDGET)).toBe(BUDGET)
    const limit = made(relative, 200, 4).limit(BUDGET)
    expect(limit).toBeLessThan(0.9 * BUDGET)
    expect(limit).toBeGreaterThanOrEqual(1 / 6)
  })
})

describe('memory', () => {
  const learn = (detector: CalibratedDetector, from: number, to: number) => {
    // The latest of 5,000 are then numbers that half precision holds.
    for (let i = from; i < to; i++) detector.learn(Float64Array.of(0, 0), i - 4000, 0)
  }

  it('of raw scores is of the latest', () => {
    const detector = made(plain)
    learn(detector, 0, 5000)
    expect([...detector.remembered()]).toEqual(Array.from({ length: 200 }, (_, i) => 800 + i))
  })

  it('of relative ones goes back eight times as far, oldest first', () => {
    const detector = made(relative)
    learn(detector, 0, 5000)
    const kept = [...detector.remembered()]
    expect(kept.length).toBe(200)
    for (let i = 1; i < kept.length; i++) expect(kept[i]! - kept[i - 1]!).toBe(8)
    expect(1000 - kept.at(-1)!).toBeLessThanOrEqual(8)
  })

  it('has an end: what is farther off is as far as it goes', () => {
    const detector = made(plain)
    for (const score of [1e9, -1e9]) detector.learn(Float64Array.of(0, 0), score, 0)
    expect([...detector.remembered().slice(-2)]).toEqual([65_504, -65_504])
  })

  it('goes on after a restart', () => {
    const detector = made(relative)
    learn(detector, 0, 103)
    const copy = new CalibratedDetector(relative, 200, 1)
    const bytes = encodeModel({ kind: 'test', version: 1, layers: new Map(detector.layers()) })
    copy.restore(new Layers(bytes, 'test', 1))
    for (const each of [detector, copy]) learn(each, 103, 1000)
    expect(copy.remembered()).toEqual(detector.remembered())
    expect(copy.limit(BUDGET)).toBe(detector.limit(BUDGET))
  })
})

describe('odd vectors, whose scores a counted calibration remembers', () => {
  const counted: PanelMember = { ...relative, tail: 'counted', memory: 'recent' }
  // Told from the others by its size; far too low for an anomaly, which makes no difference here.
  const MARK = -50
  const remembered = (member: PanelMember, vectors: number, isOdd: (i: number) => boolean) => {
    const detector = made(member, 1000)
    for (let i = 0; i < vectors; i++) detector.count(MARK, isOdd(i), 0.5)
    return detector.remembered().filter((score) => score === MARK).length
  }

  it('are as many as chance makes, twice over', () => {
    expect(remembered(counted, 10_000, (i) => i % 1000 === 999)).toBe(10)
    expect(remembered(counted, 10_000, (i) => i % 100 === 99)).toBeLessThanOrEqual(20)
    expect(remembered(counted, 10_000, (i) => i % 100 === 99)).toBeGreaterThan(15)
  })

  it('are few of a long anomaly, and none of a fitted calibration', () => {
    expect(remembered(counted, 10_000, (i) => i >= 9000)).toBeLessThanOrEqual(7)
    expect(remembered(relative, 10_000, (i) => i % 1000 === 999)).toBe(0)
  })

  it('are no farther off than a thousandth of the threshold allows', () => {
    const detector = made(counted, 1000)
    for (let i = 0; i < 1000; i++) detector.count(1e4, i === 999, 0.5)
    const farthest = Math.max(...detector.remembered())
    expect(farthest).toBeLessThan(1e4)
    expect(farthest).toBeGreaterThan(2)
  })
})
