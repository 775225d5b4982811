import { describe, expect, it } from 'vitest'
import { fitCalibration } from '../calibration/fit.ts'
import type { Detector } from '../detector.ts'
import { EwmaDetector } from '../ewma/ewma.ts'
import { History } from '../history.ts'
import { RegressionDetector } from '../regression/regression.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { kernelShap } from './kernel-shap.ts'
import { logit, logitParts } from './logit-parts.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const features = names.map((name) => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 }) as const)
const rng = seeded(1)
const rows = Array.from({ length: 1500 }, () => Float64Array.from(names, () => 10 + normal(rng)))

const detectors: [string, Detector][] = [
  ['ewma', new EwmaDetector({ features, span: 10, halfLife: 5000 })],
  ['regression', new RegressionDetector({ features, of: 'value', span: 10, ridge: 0.1, halfLife: 5000 })],
]

describe.each(detectors)('logitParts of %s', (_, detector) => {
  detector.fit(History.of(rows.slice(0, 1000), [...rows.keys()].slice(0, 1000)))
  const calibration = fitCalibration(
    Float64Array.from(rows.slice(1000), (row, i) => detector.score(row, 1000 + i)),
  )
  const score = (row: Float64Array) => calibration.score(detector.score(row, 2000))

  it('add up to the logit of the calibrated score', () => {
    for (let repeat = 0; repeat < 100; repeat++) {
      const row = Float64Array.from(names, (_, i) => 10 + normal(rng) * (i === repeat % 7 ? 4 : 1))
      const { base, parts, logit: whole, error } = logitParts(detector.explain(row, 2000), score(row))
      expect(whole).toBe(logit(score(row)))
      expect(Math.abs(base + parts.reduce((a, b) => a + b, 0) - whole)).toBeLessThan(error + 1e-12)
      expect(error).toBeLessThan(1e-12)
    }
  })

  it('name first what Shapley values of the logit itself name first', () => {
    let agreed = 0
    for (let repeat = 0; repeat < 50; repeat++) {
      const row = Float64Array.from(names, (_, i) => 10 + normal(rng) * (i === repeat % 7 ? 0.1 : 1))
      row[repeat % 7]! += 6
      const background = rows.slice(20 * repeat, 20 * repeat + 5)
      const { base, values } = kernelShap((x) => logit(score(x)), row, { background, seed: 1 })
      expect(values.reduce((a, b) => a + b, base)).toBeCloseTo(logit(score(row)), 9)
      const { parts } = logitParts(detector.explain(row, 2000), score(row))
      if (parts.indexOf(Math.max(...parts)) === values.indexOf(Math.max(...values))) agreed++
    }
    expect(agreed).toBe(50)
  })
})

describe('logitParts', () => {
  const explanation = (parts: Float64Array) => ({ parts, expected: parts, low: parts, high: parts })

  it('are finite for scores of 0 and 1', () => {
    const shares = Float64Array.of(0.25, 0.75)
    for (const score of [0, 1]) {
      const { base, parts, logit: whole } = logitParts(explanation(shares), score)
      expect(base + parts[0]! + parts[1]!).toBeCloseTo(whole, 12)
      expect(Math.sign(parts[1]!)).toBe(score === 1 ? 1 : -1)
    }
    expect(logit(1)).toBeCloseTo(6 * Math.LN10, 5)
  })

  it('say what they leave out where there are no shares', () => {
    const { base, logit: whole, error } = logitParts(explanation(new Float64Array(2)), 0.5)
    expect(error).toBeCloseTo(whole - base, 12)
  })
})
