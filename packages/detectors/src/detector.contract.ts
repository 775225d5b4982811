import { describe, expect, it } from 'vitest'
import { ModelError } from './codec/model-error.ts'
import { spoilt } from './codec/spoilt.test-data.ts'
import type { Detector } from './detector.ts'
import { History } from './history.ts'
import { normal, seeded } from './statistics/sampling.ts'

const NORMAL = [100, 5, 0.5]

const STEP_MS = 60_000

function vectors(count: number, seed: number): Float64Array[] {
  const rng = seeded(seed)
  return Array.from({ length: count }, () =>
    Float64Array.from(NORMAL, (mean) => mean * (1 + 0.05 * normal(rng))),
  )
}

const odd: [string, number[]][] = [
  ['all missing', [Number.NaN, Number.NaN, Number.NaN]],
  ['one missing', [Number.NaN, 5, 0.5]],
  ['huge', [1e308, -1e308, 1e308]],
  ['tiny', [5e-324, -5e-324, 0]],
  ['zero', [0, 0, 0]],
]

/** One a minute. */
const history = (rows: readonly Float64Array[]) =>
  History.of(
    rows,
    rows.map((_, i) => i * STEP_MS),
  )

/** What does not hold of every algorithm. */
export interface ContractOptions {
  /** A larger deviation of one feature never gets a smaller score. Default true. */
  readonly monotone?: boolean
}

/**
 * What every detector must pass. `factory` makes a detector of three features whose normal values are about 100, 5 and 0.5
 * (standard deviation 5 %), for which 10 times as much is bad; `foreign` makes one that must refuse the first one's model.
 */
export function detectorContract(
  name: string,
  factory: () => Detector,
  foreign: () => Detector,
  { monotone = true }: ContractOptions = {},
): void {
  const trained = (count = 600) => {
    const detector = factory()
    if (count > 0) detector.fit(history(vectors(count, 1)))
    return detector
  }
  const now = 1e6 * STEP_MS
  const probes = [...vectors(50, 2), ...odd.map(([, values]) => Float64Array.from(values))]
  const scores = (detector: Detector) => probes.map((vector) => detector.score(vector, now))
  /** As the hot path does: scored, put into the context, learned. */
  const pass = (detector: Detector, vector: Float64Array, timeMs = now) => {
    const score = detector.score(vector, timeMs)
    detector.observe(vector, timeMs)
    detector.learn(vector, timeMs)
    return score
  }

  describe(`${name}: detector contract`, () => {
    it('scores 0 until it is ready, and is ready after 600 vectors', () => {
      const fresh = factory()
      if (!fresh.ready) for (const score of scores(fresh)) expect(score).toBe(0)
      expect(trained().ready).toBe(true)
    })

    it('scores what is far off above everything normal', () => {
      const detector = trained()
      const usual = Math.max(...vectors(200, 3).map((vector) => detector.score(vector, now)))
      expect(
        detector.score(
          Float64Array.from(NORMAL, (v) => v * 10),
          now,
        ),
      ).toBeGreaterThan(usual)
    })

    it.runIf(monotone)('gives a larger deviation no smaller score', () => {
      const detector = trained()
      for (let feature = 0; feature < NORMAL.length; feature++) {
        let before = 0
        for (const factor of [1.1, 1.5, 2, 5, 10, 100, 1e6, 1e300]) {
          const vector = Float64Array.from(NORMAL, (v, i) => (i === feature ? v * factor : v))
          const score = detector.score(vector, now)
          expect(score).toBeGreaterThanOrEqual(before)
          before = score
        }
      }
    })

    it.each(odd)('takes %s values, to score, to observe and to learn', (_, values) => {
      const detector = trained()
      const vector = Float64Array.from(values)
      for (let i = 0; i < 100; i++) {
        const score = pass(detector, vector)
        expect(score >= 0 && Number.isFinite(score)).toBe(true)
      }
      for (const score of scores(detector)) expect(Number.isFinite(score) && score >= 0).toBe(true)
    })

    it.each(odd)('learns nothing but %s values without harm', (_, values) => {
      const detector = factory()
      detector.fit(history(Array.from({ length: 600 }, () => Float64Array.from(values))))
      for (const score of scores(detector)) expect(Number.isFinite(score) && score >= 0).toBe(true)
    })

    it('is deterministic', () => {
      expect(scores(trained())).toEqual(scores(trained()))
      expect(trained().save()).toEqual(trained().save())
    })

    it('forgets what it has learned when it is fitted anew', () => {
      const detector = factory()
      detector.fit(history(vectors(700, 5).map((vector) => vector.map((v) => 3 * v))))
      for (const vector of vectors(40, 6)) pass(detector, vector)
      detector.fit(history(vectors(600, 1)))
      expect(detector.save()).toEqual(trained().save())
    })

    it('does not learn from scoring or explaining', () => {
      const detector = trained()
      const before = detector.save()
      for (const vector of probes) {
        detector.score(vector, now)
        detector.explain(vector, now)
      }
      expect(detector.save()).toEqual(before)
    })

    it('explains with parts that are non-negative and sum to 1, all 0 for a score of 0', () => {
      const detector = trained()
      for (const vector of [...probes, Float64Array.from(NORMAL, (v) => v * 10)]) {
        const { parts, expected, low, high } = detector.explain(vector, now)
        for (const each of [parts, expected, low, high]) expect(each.length).toBe(NORMAL.length)
        for (const part of parts) expect(part).toBeGreaterThanOrEqual(0)
        const sum = parts.reduce((a, b) => a + b, 0)
        expect(sum).toBeCloseTo(detector.score(vector, now) > 0 ? 1 : 0, 9)
      }
    })

    it('names the feature that is off first', () => {
      const detector = trained()
      for (let feature = 0; feature < NORMAL.length; feature++) {
        const vector = Float64Array.from(NORMAL, (v, i) => (i === feature ? v * 10 : v))
        const { parts } = detector.explain(vector, now)
        expect(parts.indexOf(Math.max(...parts))).toBe(feature)
      }
    })

    it.each([0, 10, 333, 600])('goes on bit for bit after a restart at vector %i', (count) => {
      const detector = trained(count)
      const copy = factory()
      copy.load(detector.save())
      expect(scores(copy)).toEqual(scores(detector))
      for (const [i, vector] of vectors(500, 4).entries())
        expect(pass(copy, vector, now + i * STEP_MS)).toBe(pass(detector, vector, now + i * STEP_MS))
      expect(copy.save()).toEqual(detector.save())
    })

    it('refuses truncated, corrupt and foreign bytes and stays as it was', () => {
      const detector = trained()
      const before = detector.save()
      for (const bytes of spoilt(before)) expect(() => detector.load(bytes)).toThrow(ModelError)
      expect(() => foreign().load(before)).toThrow(expect.objectContaining({ code: 'foreign' }))
      expect(detector.save()).toEqual(before)
    })

    it('keeps its memory bounded', () => {
      const detector = trained(20_000)
      for (const vector of vectors(2000, 7)) pass(detector, vector)
      expect(detector.save().length).toBeLessThan(1.25 * trained(600).save().length)
    })
  })
}
