import {
  budgetThreshold,
  calibratedMember,
  type DetectorSpec,
  defaultSpec,
  type Feature,
  isDetectorName,
  type LearnerOptions,
  networkSpec,
  type PanelMember,
  RulesDetector,
  specText,
  type Weights,
} from '@adf/detectors'
import { StreamNetwork } from './network/stream-network.ts'
import { noiseOf } from './noise.ts'
import type { LearningName, ScoringOptions } from './options.ts'
import type { StreamSpec } from './vector.ts'
import { Reranker } from './verdicts/reranker.ts'

/** Share of the false alarms that the first detector of several may make; the others share what is left. */
const FIRST_SHARE = 0.9
const DAY_MS = 86_400_000
/** Until it is known how often vectors come. */
export const COLD_THRESHOLD = 0.8
const SEED = 1

/** What all entities of a stream share: its fixed limits, which learn nothing, and how their learners are made. */
export class StreamModels {
  readonly rules: RulesDetector | undefined
  #learner: LearnerOptions | undefined
  readonly reranker: Reranker | undefined
  /** Networks that the entities share. */
  readonly networks: readonly StreamNetwork[]
  readonly #alertsPerDay: number
  /** Width of the window that a vector is taken over; 0 where vectors stand for themselves. */
  readonly #windowMs: number
  /** Vectors that the smoothest detector looks back. */
  readonly #lookBack: number

  constructor({ features, entityKind }: StreamSpec, options: ScoringOptions) {
    const limited = features.some(({ max, min }) => max !== undefined || min !== undefined)
    const learning = learningOf(options.detectors, features.length)
    this.rules =
      options.detectors.includes('rules') && (limited || learning.length === 0)
        ? new RulesDetector(features)
        : undefined
    const members = membersOf(learning, noiseOf(features, options.windowMs), options)
    this.#learner =
      members.length === 0
        ? undefined
        : {
            members,
            warmUp: options.warmUp,
            refitEvery: options.refitEvery,
            windowMs: entityKind === 'service' ? options.windowMs : 0,
          }
    this.networks = members.flatMap(({ name, detector }) =>
      detector.kind === 'network'
        ? [new StreamNetwork(name, detector.network, detector.features, options.holdOut)]
        : [],
    )
    this.reranker = options.rerank && new Reranker(options.rerank, features)
    this.#alertsPerDay = options.alertsPerDay
    this.#windowMs = entityKind === 'service' ? options.windowMs : 0
    this.#lookBack = Math.max(1, ...members.map(({ detector }) => ('span' in detector ? detector.span : 1)))
  }

  /** How learners are made now. */
  get learner(): LearnerOptions | undefined {
    return this.#learner
  }

  /** Learners that are made from now on have these weights. */
  useWeights(weights: Weights): void {
    if (this.#learner === undefined) return
    const members = this.#learner.members.map((member) => {
      const { detector } = member
      const own = detector.kind === 'network' && specText(detector.network) === specText(weights.network)
      return own ? { ...member, detector: { ...detector, weights } } : member
    })
    this.#learner = { ...this.#learner, members }
  }

  /** Threshold by which an entity stays within its budget; a fixed number while it is not known how often its vectors come. */
  threshold(vectorsPerDay: number): number {
    if (!(vectorsPerDay > 0)) return COLD_THRESHOLD
    const span = Math.max(this.#lookBack, (this.#windowMs / DAY_MS) * vectorsPerDay)
    return budgetThreshold(this.#alertsPerDay, vectorsPerDay, span)
  }
}

/** For a single feature the ensemble is another detector, which is far more costly: there it is run only when it is asked for alone. */
function learningOf(detectors: ScoringOptions['detectors'], features: number): LearningName[] {
  const learning = detectors.filter((name) => name !== 'rules')
  return features === 1 && learning.length > 1 ? learning.filter((name) => name !== 'ensemble') : learning
}

function membersOf(
  judges: readonly LearningName[],
  features: readonly Feature[],
  options: ScoringOptions,
): PanelMember[] {
  if (judges.length === 0) return []
  const compared = options.compare.filter((name) => !judges.includes(name))
  const share = (place: number) => {
    if (judges.length === 1) return 1
    return place === 0 ? FIRST_SHARE : (1 - FIRST_SHARE) / (judges.length - 1)
  }
  const member = (name: LearningName, weight: number): PanelMember => {
    const detector = specOf(name, features, options)
    // Standard deviations of a noise that is known mean the same at all times.
    return name === 'robust' ? { name, detector, weight } : calibratedMember(name, detector, weight)
  }
  return [
    ...judges.map((name, place) => member(name, share(place))),
    ...compared.map((name) => member(name, 0)),
  ]
}

function specOf(name: LearningName, features: readonly Feature[], options: ScoringOptions): DetectorSpec {
  if (!isDetectorName(name)) {
    const { halfLife, lstm } = options
    const sizes = networkSpec(name, features.length)
    return {
      kind: 'network',
      features,
      halfLife,
      network: sizes.kind === 'lstm' ? { ...sizes, ...lstm } : sizes,
    }
  }
  const spec = defaultSpec(name, { features, halfLife: options.halfLife, seed: SEED })
  // Below the smallest training set of the warm-up: four fifths of what is left without a start-up.
  return spec.kind === 'robust' ? { ...spec, minimum: Math.ceil(0.4 * options.warmUp) } : spec
}
