import type { Learner } from '@adf/detectors'
import type { FeatureVector } from './vector.ts'

/** Per feature, in the stream's order; NaN where nothing is known. */
interface Bands {
  readonly expected: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
}

export interface Examination {
  readonly severity: number
  /** Name of the detector that says most. */
  readonly leading: string
  readonly bands: Bands
  readonly detectors: readonly {
    readonly name: string
    readonly severity: number
    readonly weight: number
  }[]
}

/**
 * What each detector of an entity says of a vector, and what would be normal: by the detector that says most, and where that knows no band of a
 * feature by the first that does. Nothing is learned.
 *
 * @param learner past its warm-up
 */
export function examine(vector: FeatureVector, learner: Learner): Examination {
  const { values, timeMs } = vector
  const { panel } = learner
  const { severities, severity, leading } = learner.judge(values, timeMs)
  const nothing = () => new Float64Array(values.length).fill(Number.NaN)
  const bands = { expected: nothing(), low: nothing(), high: nothing() }
  for (const index of [leading, ...panel.keys()]) {
    const detector = panel[index]?.detector
    if (detector === undefined) continue
    const known = detector.explain(values, timeMs)
    for (let i = 0; i < values.length; i++) {
      if (isBand(bands, i) || !isBand(known, i)) continue
      bands.expected[i] = known.expected[i] ?? Number.NaN
      bands.low[i] = known.low[i] ?? Number.NaN
      bands.high[i] = known.high[i] ?? Number.NaN
    }
    if (bands.low.every((low) => Number.isFinite(low))) break
  }
  return {
    severity,
    leading: panel[leading]?.member.name ?? '',
    bands,
    detectors: panel.map(({ member: { name, weight } }, m) => ({
      name,
      severity: severities[m] ?? 0,
      weight,
    })),
  }
}

const isBand = ({ low, high }: Bands, i: number) => Number.isFinite(low[i]) && Number.isFinite(high[i])
