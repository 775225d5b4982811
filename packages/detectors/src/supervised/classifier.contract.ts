import { describe, expect, it } from 'vitest'
import { ModelError } from '../codec/model-error.ts'
import { spoilt } from '../codec/spoilt.test-data.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import type { Classifier } from './classifier.ts'

const WIDTH = 4

/** Normal vectors around 0; anomalous ones are 3 larger in the second feature. */
function drawn(count: number, seed: number, anomalous: boolean): Float64Array[] {
  const rng = seeded(seed)
  return Array.from({ length: count }, () =>
    Float64Array.from({ length: WIDTH }, (_, i) => normal(rng) + (anomalous && i === 1 ? 3 : 0)),
  )
}

const odd: [string, number[]][] = [
  ['all missing', [Number.NaN, Number.NaN, Number.NaN, Number.NaN]],
  ['one missing', [Number.NaN, 1, 2, 3]],
  ['huge', [1e308, -1e308, 1e308, 1e308]],
  ['tiny', [5e-324, -5e-324, 0, 0]],
  ['zero', [0, 0, 0, 0]],
]

/** What every classifier must pass. `factory` makes one of four features; `foreign` one that must refuse the first one's model. */
export function classifierContract(name: string, factory: () => Classifier, foreign: () => Classifier): void {
  const labelled = { anomalous: drawn(60, 1, true), normal: drawn(120, 2, false) }
  const trained = () => {
    const classifier = factory()
    classifier.fit(labelled)
    return classifier
  }
  const probes = [
    ...drawn(20, 3, true),
    ...drawn(20, 4, false),
    ...odd.map(([, values]) => Float64Array.from(values)),
  ]
  const probabilities = (classifier: Classifier) => probes.map((vector) => classifier.probability(vector))

  describe(`${name}: classifier contract`, () => {
    it('knows nothing until it has five vectors of either verdict', () => {
      const { anomalous, normal: usual } = labelled
      for (const set of [
        undefined,
        { anomalous: anomalous.slice(0, 4), normal: usual },
        { anomalous, normal: [] },
      ]) {
        const classifier = factory()
        if (set !== undefined) classifier.fit(set)
        expect(classifier.ready).toBe(false)
        for (const probability of probabilities(classifier)) expect(probability).toBe(0.5)
      }
      const { ready } = trained()
      expect(ready).toBe(true)
    })

    it('tells one from the other on vectors that it has not seen', () => {
      const classifier = trained()
      const right = (vectors: Float64Array[], anomalous: boolean) =>
        vectors.filter((vector) => classifier.probability(vector) > 0.5 === anomalous).length / vectors.length
      const rates = [right(drawn(500, 5, true), true), right(drawn(500, 6, false), false)]
      // The best that can be is 0.933.
      expect(Math.min(...rates)).toBeGreaterThan(0.8)
      expect((rates[0]! + rates[1]!) / 2).toBeGreaterThan(0.89)
    })

    it('says probabilities that come true', () => {
      const classifier = trained()
      const sure = drawn(500, 7, true)
        .concat(drawn(500, 8, false))
        .map((vector, i) => ({
          probability: classifier.probability(vector),
          anomalous: i < 500,
        }))
      const brier =
        sure.reduce((sum, each) => sum + (each.probability - Number(each.anomalous)) ** 2, 0) / 1000
      expect(brier).toBeLessThan(0.08)
    })

    it('explains its output exactly, the feature that matters first', () => {
      const classifier = trained()
      const total = new Float64Array(WIDTH)
      for (const vector of probes) {
        const { base, values, errors } = classifier.explain(vector)
        expect(values.reduce((a, b) => a + b, base)).toBeCloseTo(classifier.output(vector), 9)
        expect(Math.max(...errors)).toBe(0)
        for (let i = 0; i < WIDTH; i++) total[i]! += Math.abs(values[i]!)
      }
      expect(total.indexOf(Math.max(...total))).toBe(1)
      expect(total[1]!).toBeGreaterThan(2 * total[0]!)
      const fresh = factory()
      expect(fresh.explain(probes[0]!).values.every((value) => value === 0)).toBe(true)
      expect(fresh.explain(probes[0]!).base).toBe(fresh.output(probes[0]!))
    })

    it.each(odd)('takes %s values, to judge and to learn', (_, values) => {
      const vector = Float64Array.from(values)
      const classifier = trained()
      const check = () => {
        for (const probability of probabilities(classifier)) {
          expect(probability).toBeGreaterThanOrEqual(0)
          expect(probability).toBeLessThanOrEqual(1)
        }
        for (const value of classifier.explain(vector).values) expect(Number.isFinite(value)).toBe(true)
      }
      check()
      classifier.fit({ anomalous: [...labelled.anomalous, vector], normal: [...labelled.normal, vector] })
      check()
      classifier.fit({ anomalous: new Array(10).fill(vector), normal: new Array(10).fill(vector) })
      check()
    })

    it('is deterministic and forgets when it is fitted anew', () => {
      const classifier = factory()
      classifier.fit({ anomalous: drawn(90, 9, false), normal: drawn(30, 10, true) })
      classifier.fit(labelled)
      expect(classifier.save()).toEqual(trained().save())
    })

    it('comes back from its file bit for bit', () => {
      for (const classifier of [trained(), factory()]) {
        const copy = factory()
        copy.load(classifier.save())
        expect(copy.ready).toBe(classifier.ready)
        expect(probabilities(copy)).toEqual(probabilities(classifier))
        expect(copy.save()).toEqual(classifier.save())
      }
    })

    it('refuses truncated, corrupt and foreign bytes and stays as it was', () => {
      const classifier = trained()
      const before = classifier.save()
      for (const bytes of spoilt(before)) expect(() => classifier.load(bytes)).toThrow(ModelError)
      expect(() => foreign().load(before)).toThrow(expect.objectContaining({ code: 'foreign' }))
      expect(classifier.save()).toEqual(before)
    })
  })
}
