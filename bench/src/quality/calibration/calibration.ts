import {
  DETECTOR_NAMES,
  type DetectorName,
  defaultSpec,
  History,
  OnlineDetector,
  plainFeatures,
} from '@adf/detectors'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { type NormalStream, normalStreams } from './streams.ts'

const HALF_LIFE = 5000
const SEEDS = [1, 2, 3]
/** Scores by which vectors are counted, and the share of normal ones that should reach them. */
const QUICK: readonly DetectorName[] = ['robust']
const PROMISES = [
  { measure: 'observed_1e-2', score: 2 / 6 },
  { measure: 'observed_1e-3', score: 3 / 6 },
] as const

/**
 * How often normal vectors that were never seen reach a score that promises to be one in a hundred, and one in a thousand: each detector on
 * each stream, learning on as it does in operation.
 */
export const calibration: Benchmark = {
  suite: 'quality',
  name: 'calibration',
  describe:
    'share of normal vectors that reach a score which promises 1 in 100 and 1 in 1,000, by detector and stream',
  run: async ({ quick, progress }: BenchOptions) => {
    const rows: Row[] = []
    const seeds = quick ? SEEDS.slice(0, 1) : SEEDS
    for (const stream of normalStreams(seeds)) {
      for (const name of quick ? QUICK : DETECTOR_NAMES) {
        const shares = observed(name, stream)
        progress(`${name} on ${stream.name}: ${shares.map((share) => share.toPrecision(2)).join(' and ')}`)
        for (const [i, { measure }] of PROMISES.entries())
          rows.push({
            suite: 'quality',
            case: `calibration/${stream.name}`,
            subject: name,
            measure,
            value: shares[i]!,
          })
      }
      if (quick) break
    }
    return rows
  },
}

/** Over all entities of the stream. */
function observed(name: DetectorName, { features, learned, entities }: NormalStream): number[] {
  const reached = PROMISES.map(() => 0)
  let count = 0
  for (const { values, timesMs } of entities) {
    const all = new History(features.length, values, timesMs)
    const history = all.slice(0, learned)
    const detector = new OnlineDetector({
      detector: defaultSpec(name, {
        features: plainFeatures(features, history),
        halfLife: HALF_LIFE,
        seed: 1,
      }),
    })
    detector.train(history)
    for (let row = learned; row < all.count; row++) {
      const { severity } = detector.detect(all.row(row), all.timesMs[row]!)
      count++
      for (const [i, { score }] of PROMISES.entries()) if (severity >= score) reached[i]!++
    }
  }
  return reached.map((each) => each / count)
}
