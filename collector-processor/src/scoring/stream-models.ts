import { type LearnerOptions, RulesDetector } from '@adf/detectors'
import { noiseOf } from './noise.ts'
import type { ScoringOptions } from './options.ts'
import type { StreamSpec } from './vector.ts'

/** What all entities of a stream share: its fixed limits, which learn nothing, and how their learners are made. */
export class StreamModels {
  readonly rules: RulesDetector | undefined
  readonly learner: LearnerOptions | undefined

  constructor({ features }: StreamSpec, options: ScoringOptions) {
    const limited = features.some(({ max, min }) => max !== undefined || min !== undefined)
    const alone = !options.detectors.includes('robust')
    this.rules =
      options.detectors.includes('rules') && (limited || alone) ? new RulesDetector(features) : undefined
    this.learner = alone
      ? undefined
      : {
          detector: {
            kind: 'robust',
            features: noiseOf(features, options.windowMs),
            halfLife: options.halfLife,
            // Below the smallest training set of the warm-up: four fifths of what is left without a start-up.
            minimum: Math.ceil(0.4 * options.warmUp),
          },
          warmUp: options.warmUp,
          refitEvery: options.refitEvery,
        }
  }
}
