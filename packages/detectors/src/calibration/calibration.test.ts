import { describe, expect, it } from 'vitest'
import { ModelError } from '../codec/model-error.ts'
import { exponential, normal, poisson, type Rng, seeded } from '../statistics/sampling.ts'
import { Calibration } from './calibration.ts'
import { fitCalibration } from './fit.ts'

const autoregressive = (rng: Rng, memory: number) => {
  let value = normal(rng)
  return () => {
    value = memory * value + Math.sqrt(1 - memory ** 2) * normal(rng)
    return Math.abs(value)
  }
}

const distributions: [string, (rng: Rng) => () => number][] = [
  ['normal', (rng) => () => Math.abs(normal(rng))],
  ['log-normal', (rng) => () => Math.exp(normal(rng))],
  ['exponential', (rng) => () => exponential(rng)],
  ['Poisson counts', (rng) => () => poisson(rng, 100)],
  ['AR(1)', (rng) => autoregressive(rng, 0.9)],
]

/** Share of held-out normal samples with a score ≥ each of `scores`, over many fits. */
function observed(make: (rng: Rng) => () => number, trained: number, scores: number[]): number[] {
  const over = scores.map(() => 0)
  const repeats = 20
  const held = 20_000
  const draw = make(seeded(7))
  for (let repeat = 0; repeat < repeats; repeat++) {
    const calibration = fitCalibration(Float64Array.from({ length: trained }, draw))
    for (let i = 0; i < held; i++) {
      const score = calibration.score(draw())
      for (const [k, level] of scores.entries()) if (score >= level) over[k]!++
    }
  }
  return over.map((count) => count / repeats / held)
}

describe('fitCalibration', () => {
  it.each(distributions)('keeps the promise of the score on held-out data: %s', (_, make) => {
    const [hundredth, thousandth] = observed(make, 2000, [1 / 3, 1 / 2])
    expect(hundredth! / 1e-2).toBeGreaterThan(0.5)
    expect(hundredth! / 1e-2).toBeLessThan(2)
    expect(thousandth! / 1e-3).toBeGreaterThan(0.5)
    expect(thousandth! / 1e-3).toBeLessThan(2)
  })

  it('keeps it where most scores are the same: what is not, is no outlier', () => {
    const rng = seeded(5)
    // As of a detector that says 0 to nine vectors in ten, relative to a logarithmic background.
    const draw = () => (rng() < 0.92 ? 0 : 15 + 8 * exponential(rng))
    const calibration = fitCalibration(Float64Array.from({ length: 2000 }, draw), { expectedScale: 0.4 })
    const held = Array.from({ length: 50_000 }, () => calibration.score(draw()))
    const share = (level: number) => held.filter((score) => score >= level).length / held.length
    expect(share(1 / 3)).toBeLessThan(2e-2)
    expect(share(1 / 3)).toBeGreaterThan(5e-3)
    expect(share(1 / 2)).toBeLessThan(2e-3)
  })

  it.each(distributions)('does not promise much on 200 samples: %s', (_, make) => {
    const [hundredth, rare] = observed(make, 200, [1 / 3, 0.8])
    expect(hundredth).toBeLessThan(2e-2)
    expect(rare).toBeLessThan(5e-4)
  })

  it('needs a clear excess for a high score after 200 samples', () => {
    const rng = seeded(3)
    const samples = Float64Array.from({ length: 200 }, () => Math.abs(normal(rng)))
    const calibration = fitCalibration(samples)
    const largest = Math.max(...samples)
    expect(calibration.score(largest)).toBeLessThan(0.6)
    expect(calibration.probability(largest * 1.1)).toBeGreaterThan(1e-4)
    expect(calibration.score(largest * 4)).toBeGreaterThan(0.8)
  })

  it('is not spoilt by one hiccup in a young history', () => {
    const rng = seeded(1)
    let state = 0
    const samples = Float64Array.from({ length: 200 }, (_, i) => {
      state = 0.95 * state + 0.31 * normal(rng)
      return i >= 100 && i < 120 ? 15 + normal(rng) : Math.abs(2 + 0.6 * state)
    })
    const calibration = fitCalibration(samples, { expectedScale: 0.5 })
    expect(calibration.severity(30)).toBeGreaterThan(0.85)
    // The hiccup itself stays less than one in a million.
    expect(calibration.severity(15)).toBeLessThan(0.8)
  })

  it.each([
    ['normal', (rng: Rng) => Math.abs(normal(rng))],
    ['uniform (an end that is not believed)', (rng: Rng) => rng()],
    ['mostly zero', (rng: Rng) => (rng() < 0.99 ? 0 : rng())],
    ['constant', () => 3],
    ['zero', () => 0],
    ['huge', (rng: Rng) => 1e300 * rng()],
  ])('never falls as the raw score grows: %s', (_, draw) => {
    const rng = seeded(4)
    const calibration = fitCalibration(Float64Array.from({ length: 500 }, () => draw(rng)))
    let before = 0
    for (const raw of [
      0,
      1e-9,
      ...Array.from({ length: 4000 }, (_, i) => (i + 1) / 500),
      1e2,
      1e9,
      1e299,
      1e305,
    ]) {
      const score = calibration.score(raw)
      expect(score).toBeGreaterThanOrEqual(before)
      before = score
    }
    expect(before).toBeGreaterThan(0.5)
    expect(before).toBeLessThanOrEqual(1)
  })

  it('is more careful when the samples overlap', () => {
    const independent = fitCalibration(Float64Array.from({ length: 400 }, distributions[0]![1](seeded(5))))
    const correlated = fitCalibration(Float64Array.from({ length: 400 }, autoregressive(seeded(5), 0.98)))
    const [samples, effective] = correlated.parameters
    expect(samples).toBe(400)
    expect(effective).toBeLessThan(60)
    expect(independent.parameters[1]).toBeGreaterThan(250)
  })

  it('is not misled by scores that are mostly 0', () => {
    const rng = seeded(8)
    const draw = () => (rng() < 0.98 ? 0 : 1 + rng())
    const calibration = fitCalibration(Float64Array.from({ length: 2000 }, draw))
    expect(calibration.probability(0)).toBe(1)
    expect(calibration.probability(1)).toBeLessThan(0.025)
    expect(calibration.probability(3.5)).toBeLessThan(0.01)
  })

  it('takes a single sample', () => {
    expect(fitCalibration(Float64Array.of(2)).score(2)).toBeLessThan(0.1)
  })

  it('comes back from its parameters, and refuses others', () => {
    const calibration = fitCalibration(Float64Array.from({ length: 300 }, seeded(6)))
    expect(Calibration.from(calibration.parameters.slice()).score(0.97)).toBe(calibration.score(0.97))
    const place = { numbers: new Float64Array(100).fill(-1), from: 30 }
    const placed = calibration.at(place)
    expect(placed.parameters).toEqual(calibration.parameters)
    for (const raw of [-1, 0.2, 0.9, 0.97, 3, 50])
      expect(placed.severity(raw)).toBe(calibration.severity(raw))
    expect([placed.samples, place.numbers[29]]).toEqual([calibration.samples, -1])
    expect(() => Calibration.from(Float64Array.of(1, 2, 3))).toThrow(ModelError)
    expect(() => Calibration.from(new Float64Array(9 + 2 * 25), 'fitted')).toThrow(ModelError)
    expect(() => Calibration.from(new Float64Array(9 + 2 * 38))).toThrow(ModelError)
    expect(() => Calibration.from(calibration.parameters.fill(Number.NaN))).toThrow(ModelError)
  })

  it('leaves out the anomalies that history holds', () => {
    const samples = (anomalies: number) => {
      const rng = seeded(11)
      return Float64Array.from({ length: 1440 }, () => {
        const normalScore = normal(rng)
        const anomalous = rng() < anomalies
        return anomalous ? 5 + 5 * rng() : normalScore
      })
    }
    const expected = { expectedScale: 0.4 }
    const clean = fitCalibration(samples(0), expected)
    expect(clean.samples).toBeGreaterThan(1440 - 3)
    const contaminated = fitCalibration(samples(0.03), expected)
    expect(contaminated.samples).toBeLessThan(1440 - 30)
    expect(fitCalibration(samples(0.03)).severity(5)).toBeLessThan(0.4)
    expect(contaminated.severity(5)).toBeGreaterThan(0.5)
    for (const raw of [1, 2, 3])
      expect(Math.abs(contaminated.severity(raw) - clean.severity(raw))).toBeLessThan(0.1)
  })
})

describe('a counted tail', () => {
  const counted = { tail: 'counted' } as const
  const shares = (draw: () => number, round = (value: number) => value) => {
    const [over, made, held] = [[0, 0], 20, 20_000]
    for (let repeat = 0; repeat < made; repeat++) {
      const samples = Float64Array.from({ length: 2000 }, () => round(draw()))
      const calibration = fitCalibration(samples, counted)
      for (let i = 0; i < held; i++) {
        const severity = calibration.severity(draw())
        for (const [k, level] of [1 / 3, 1 / 2].entries()) if (severity >= level) over[k]!++
      }
    }
    return over.map((count) => count / made / held)
  }

  it.each(distributions)('keeps the promise of the score on held-out data: %s', (_, make) => {
    const [hundredth, thousandth] = shares(make(seeded(7)))
    expect(hundredth! / 1e-2).toBeGreaterThan(0.5)
    expect(hundredth! / 1e-2).toBeLessThan(2)
    expect(thousandth! / 1e-3).toBeGreaterThan(0.5)
    expect(thousandth! / 1e-3).toBeLessThan(2)
  })

  it('is no lighter than what was seen, though most detectors have lighter tails', () => {
    const rng = seeded(2)
    const draw = () => exponential(rng) ** 2
    const [hundredth, thousandth] = shares(draw)
    expect(hundredth! / 1e-2).toBeLessThan(2)
    expect(thousandth! / 1e-3).toBeLessThan(2)
    expect(thousandth! / 1e-3).toBeGreaterThan(0.5)
  })

  it('counts steps: what comes in votes', () => {
    const rng = seeded(3)
    // Strangeness below one vote, which follows the hour; one vote of three hundredths, two of three thousandths, three of one.
    let hour = 0
    const draw = () => {
      const [p, rest] = [rng(), 0.4 * rng() ** 2]
      hour += 0.01
      return p < 1e-3
        ? 3 + rest
        : p < 3e-3
          ? 2 + rest
          : p < 3e-2
            ? 1 + rest
            : 0.4 + 0.3 * Math.sin(hour) + 0.1 * rng()
    }
    const [hundredth, thousandth] = shares(draw)
    expect(hundredth! / 1e-2).toBeLessThan(2)
    expect(hundredth! / 1e-2).toBeGreaterThan(0.5)
    expect(thousandth! / 1e-3).toBeLessThan(2)
  })

  it('gives a tie the share of all who have it, also where it was rounded before it was remembered', () => {
    const rng = seeded(4)
    const largest = 15.966
    const draw = () => (rng() < 0.02 ? largest : 10 + normal(rng))
    const [hundredth, thousandth] = shares(draw, Math.f16round)
    expect(hundredth).toBeLessThan(1e-2)
    expect(thousandth).toBeLessThan(1e-3)
    const calibration = fitCalibration(Float64Array.from({ length: 2000 }, draw), counted)
    expect(calibration.probability(largest)).toBeGreaterThan(0.01)
    expect(calibration.probability(2 * largest)).toBeLessThan(1e-3)
  })

  it('never falls as the raw score grows', () => {
    const rng = seeded(5)
    for (const draw of [
      () => normal(rng),
      () => Math.floor(3 * rng() ** 4),
      () => (rng() < 0.99 ? 0 : rng()),
      () => 0,
    ]) {
      const calibration = fitCalibration(Float64Array.from({ length: 700 }, draw), counted)
      let before = 0
      for (let raw = -4; raw < 12; raw += 0.01) {
        const severity = calibration.severity(raw)
        expect(severity).toBeGreaterThanOrEqual(before)
        before = severity
      }
      expect(before).toBeGreaterThan(0.5)
    }
  })

  it('does not promise much on 200 samples', () => {
    const rng = seeded(6)
    let rare = 0
    for (let repeat = 0; repeat < 50; repeat++) {
      const calibration = fitCalibration(
        Float64Array.from({ length: 200 }, () => Math.abs(normal(rng))),
        counted,
      )
      for (let i = 0; i < 2000; i++) if (calibration.severity(Math.abs(normal(rng))) >= 0.8) rare++
    }
    expect(rare / 100_000).toBeLessThan(1e-3)
  })
})
