import { describe, expect, it } from 'vitest'
import { fitCalibration } from '../calibration/fit.ts'
import { createDetector, type DetectorSpec } from '../create.ts'
import { defaultEnsemble } from '../ensemble/default.ts'
import { History } from '../history.ts'
import { seeded } from '../statistics/sampling.ts'
import { logit } from './logit-parts.ts'
import { logitShap } from './logit-shap.ts'
import { deviations, hostFeatures as features, perturbed, simulatedHost } from './testing/simulated-host.ts'

const specs: DetectorSpec[] = [
  { kind: 'lof', features, seed: 1 },
  { kind: 'k-means', features, clusters: 8, seed: 1 },
  defaultEnsemble(features, 5000),
]

describe.each(specs)('logitShap of $kind', (spec) => {
  const rng = seeded(1)
  const next = simulatedHost(rng)
  const rows = Array.from({ length: 1000 }, next)
  const deviation = deviations(rows)
  const detector = createDetector(spec)
  detector.fit(History.of(rows, [...rows.keys()]))
  const held = Float64Array.from({ length: 500 }, (_, i) => {
    const row = next()
    const raw = detector.score(row, 1000 + i)
    detector.observe(row, 1000 + i)
    return raw
  })
  const calibration = fitCalibration(held)

  it('adds up to the logit, says its error, and names the perturbed feature first', () => {
    const before = detector.save()
    const options = { background: rows.slice(-5), coalitions: 400, seed: 1 }
    for (let event = 0; event < 10; event++) {
      const feature = Math.floor(rng() * features.length)
      const row = perturbed(next(), feature, deviation[feature]!, 12, 1)
      const { base, values, errors } = logitShap(detector, calibration, row, 2000, options)
      const whole = logit(calibration.score(detector.score(row, 2000)))
      expect(values.reduce((a, b) => a + b, base)).toBeCloseTo(whole, 9)
      expect(values.indexOf(Math.max(...values))).toBe(feature)
      expect(errors[feature]).toBeGreaterThan(0)
      expect(values[feature]!).toBeGreaterThan(5 * errors[feature]!)
    }
    expect(detector.save()).toEqual(before)
  })
})
