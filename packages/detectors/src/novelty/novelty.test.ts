import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { NoveltyDetector, type NoveltyOptions } from './novelty.ts'

const STEP_MS = 300_000
const plain = (name: string): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 })
const make = (names: string[], options: Partial<NoveltyOptions> = {}) =>
  new NoveltyDetector({ features: names.map(plain), memory: 512, ...options })

// Not monotone: a farther value may be one that was seen before.
detectorContract(
  'novelty',
  () => make(['a', 'b', 'c']),
  () => make(['a', 'b', 'd']),
  { monotone: false },
)

detectorContract(
  'novelty that rests',
  () => make(['a', 'b', 'c'], { rest: 60 }),
  () => make(['a', 'b', 'c'], { rest: 30 }),
  { monotone: false },
)

/** 12 vectors a cycle between 10 and 20, with a little noise. */
function* cycles(seed: number) {
  const rng = seeded(seed)
  for (let i = 0; ; i++) yield 15 + 5 * Math.sin((2 * Math.PI * i) / 12) + 0.2 * normal(rng)
}

function taught(options: Partial<NoveltyOptions> = {}, values = cycles(1), count = 600) {
  const detector = make(['value'], { memory: 2048, ...options })
  const rows = Array.from({ length: count }, () => Float64Array.of(values.next().value as number))
  detector.fit(
    History.of(
      rows,
      rows.map((_, i) => i * STEP_MS),
    ),
  )
  let step = count
  const next = (value = values.next().value as number) => {
    const [vector, timeMs] = [Float64Array.of(value), step++ * STEP_MS]
    const score = detector.score(vector, timeMs)
    detector.observe(vector, timeMs)
    return score
  }
  const many = (length: number, value?: (i: number) => number) =>
    Array.from({ length }, (_, i) => (value === undefined ? next() : next(value(i))))
  return { detector, next, many }
}

describe('what is new', () => {
  it('is a value that was never seen', () => {
    const { next, many } = taught()
    many(48)
    expect(next(40)).toBeGreaterThan(3)
  })

  it('is a rhythm that stops, though each value is normal', () => {
    const { many } = taught()
    many(48)
    expect(Math.max(...many(12, () => 15))).toBeGreaterThan(2.5)
  })

  it('is calm where there was noise', () => {
    const rng = seeded(5)
    const noise = (function* () {
      for (;;) yield 100 + 5 * normal(rng)
    })()
    const { many } = taught({}, noise)
    many(100)
    expect(Math.max(...many(30, () => 100))).toBeGreaterThan(2.5)
  })

  it('is not new the fourth time', () => {
    const { next, many } = taught()
    const first = next(40)
    for (let i = 0; i < 2; i++) {
      many(100)
      next(40)
    }
    many(100)
    expect(first).toBeGreaterThan(3)
    expect(next(40)).toBeLessThan(2.6)
  })
})

it('scores −log10 of the share of what is as unusual, whatever the traffic', () => {
  let [hundredth, thousandth, count] = [0, 0, 0]
  for (let seed = 1; seed <= 8; seed++) {
    const { many } = taught({}, cycles(seed), 1500)
    for (const score of many(1500)) {
      count++
      if (score >= 2) hundredth++
      if (score >= 3) thousandth++
    }
  }
  expect(hundredth / count / 1e-2).toBeGreaterThan(0.5)
  expect(hundredth / count / 1e-2).toBeLessThan(2)
  expect(thousandth / count / 1e-3).toBeGreaterThan(0.5)
  expect(thousandth / count / 1e-3).toBeLessThan(2)
})

it('remembers what it judged and observed just as what it only observed', () => {
  const [judged, observed] = [taught(), taught()]
  judged.many(40)
  const values = cycles(1)
  for (let i = 0; i < 600; i++) values.next()
  for (let i = 0; i < 40; i++)
    observed.detector.observe(Float64Array.of(values.next().value as number), (600 + i) * STEP_MS)
  expect(observed.detector.save()).toEqual(judged.detector.save())
})

it('explains by the feature whose course is new', () => {
  const rng = seeded(7)
  const detector = make(['a', 'b'])
  const rows = Array.from({ length: 500 }, () => Float64Array.of(normal(rng), 50 + normal(rng)))
  detector.fit(History.of(rows, [...rows.keys()]))
  const { parts, expected } = detector.explain(Float64Array.of(0, 90), 501)
  expect(parts[1]).toBeGreaterThan(0.95)
  expect(expected[1]).toBeGreaterThan(45)
  expect(expected[1]).toBeLessThan(55)
})

describe('with a rest', () => {
  it('tells trouble at its beginning alone', () => {
    const { many } = taught({ rest: 60 })
    many(60)
    const trouble = many(20, (i) => 22 + i / 100)
    expect(trouble[0]).toBeGreaterThan(3)
    expect(Math.max(...trouble.slice(1))).toBeLessThan(1)
    expect(Math.max(...many(10))).toBeLessThan(1)
  })

  it('tells the next trouble once there were as many vectors without', () => {
    const { many, next } = taught({ rest: 60 })
    many(60)
    expect(next(40)).toBeGreaterThan(3)
    many(120)
    expect(next(-40)).toBeGreaterThan(3)
  })

  it('changes nothing but that', () => {
    const [plain, rested] = [taught(), taught({ rest: 60 })]
    const values = (i: number) => (i === 30 ? 60 : 15 + 5 * Math.sin(i))
    const [all, told] = [plain.many(100, values), rested.many(100, values)]
    for (const [i, score] of told.entries())
      if (score >= 1) expect(score).toBe(all[i])
      else expect(score).toBe(Math.min(0.9, all[i]!))
  })
})
