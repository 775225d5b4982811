import { describe, expect, it } from 'vitest'
import { type DetectorName, defaultSpec, plainFeatures } from '../defaults.ts'
import { History } from '../history.ts'
import { normal, type Rng, seeded } from '../statistics/sampling.ts'
import { calibratedMember } from './member.ts'
import { OnlineDetector } from './online-detector.ts'

type Draw = (i: number) => Float64Array

/** Shares of 10,000 further normal vectors that reach the scores of one in a hundred and one in a thousand, as multiples of these. */
function observed(name: DetectorName, draw: Draw, everyMs: number, save = false): number[] {
  const [learned, held] = [2000, 10_000]
  const rows = Array.from({ length: learned }, (_, i) => draw(i))
  const history = History.of(
    rows,
    rows.map((_, i) => i * everyMs),
  )
  const names = Array.from({ length: history.width }, (_, i) => `feature_${i}`)
  const detector = () =>
    new OnlineDetector({
      detector: defaultSpec(name, { features: plainFeatures(names, history), halfLife: 5000, seed: 1 }),
    })
  let online = detector()
  online.train(history)
  const reached = [0, 0]
  for (let i = learned; i < learned + held; i++) {
    if (save && i % 997 === 0) {
      const again = detector()
      again.load(online.save())
      online = again
    }
    const { severity } = online.detect(draw(i), i * everyMs)
    if (severity >= 1 / 3) reached[0]!++
    if (severity >= 1 / 2) reached[1]!++
  }
  return [reached[0]! / held / 1e-2, reached[1]! / held / 1e-3]
}

const heavy =
  (rng: Rng): Draw =>
  () =>
    Float64Array.of(Math.exp(0.5 * normal(rng)))
const SECOND_MS = 1000
const MINUTE_MS = 60_000

describe('the promise of a score', () => {
  it.each([
    'percentile',
    'lof',
    'isolation-forest',
    'half-space-trees',
    'hbos',
    'stretch',
    'majority',
  ] as const)(
    'holds in the long run on a heavy-tailed feature, though what is flagged is not learned: %s',
    (name) => {
      const [hundredth, thousandth] = observed(name, heavy(seeded(2)), SECOND_MS)
      expect(hundredth).toBeGreaterThan(0.5)
      expect(hundredth).toBeLessThan(2)
      expect(thousandth).toBeLessThan(2.5)
      expect(thousandth).toBeGreaterThan(0.2)
    },
  )

  it.each(['majority', 'hbos', 'lof', 'k-means', 'isolation-forest'] as const)(
    'errs to the quiet side while a feature drifts out of what was learned: %s',
    (name) => {
      const rng = seeded(3)
      const drifting: Draw = (i) =>
        Float64Array.of(normal(rng) + i / 1000, normal(rng), 2 * normal(rng), normal(rng))
      const [hundredth, thousandth] = observed(name, drifting, MINUTE_MS)
      expect(hundredth).toBeLessThan(2)
      expect(thousandth).toBeLessThan(2.5)
    },
  )

  it('goes on after restarts as if nothing had happened', () => {
    const draw = () => heavy(seeded(4))
    expect(observed('percentile', draw(), MINUTE_MS, true)).toEqual(observed('percentile', draw(), MINUTE_MS))
  })
})

it('leaves detectors as they are whose tails are known', () => {
  const features = plainFeatures(['a', 'b'], new History(2, new Float64Array(0), new Float64Array(0)))
  for (const name of ['robust', 'ensemble'] as const) {
    const detector = defaultSpec(name, { features, halfLife: 5000, seed: 1 })
    expect(calibratedMember(name, detector, 1)).toEqual({ name, detector, weight: 1, background: 5000 })
  }
})
