import {
  anomalyType,
  type Course,
  type Detector,
  type Explanation,
  follow,
  type Judgement,
  rerank,
} from '@adf/detectors'
import type { Scored } from './scored.ts'
import { sightOf } from './sight.ts'
import type { EntityState } from './state/entity-state.ts'
import type { StreamModels } from './stream-models.ts'
import type { FeatureVector } from './vector.ts'
import { contributionsOf } from './words.ts'

const RULES = 'rules'
/** What the bands of a detector depend on, by its kind. */
const GIVEN: ReadonlyMap<string, 'hour' | 'company'> = new Map([
  ['seasonal', 'hour'],
  ['forecast', 'hour'],
  ['regression', 'company'],
  ['pca', 'company'],
])

/** What the fixed limits and the panel say together, and how the anomaly goes on. Changes nothing. */
export interface Weighed {
  readonly scored: Scored
  readonly course: Course | undefined
}

/** Of a violated fixed limit, at least: the largest threshold there is, so that none silences it. */
const LIMIT_SEVERITY = 2
/** Severities end here, one in 10^600: what is stored and sent is a finite number, whatever the values were. */
const MOST_SEVERE = 100

/**
 * The larger of the two scores counts; on a tie the limit does, since it is the plainer word. To be called before the vector is
 * observed or learned: an explanation speaks of the next vector.
 *
 * @param limits score of the fixed limits @param judgement undefined: there is no panel, or it is not ready
 */
export function weigh(
  vector: FeatureVector,
  models: StreamModels,
  state: Pick<EntityState, 'learner' | 'course' | 'oddSinceMs' | 'anomalous'> | undefined,
  threshold: number,
  limits: number,
  judgement: Judgement | undefined,
): Weighed {
  const limit = limits > 0 ? LIMIT_SEVERITY : 0
  const severity = Math.min(MOST_SEVERE, Math.max(limit, judgement?.severity ?? 0))
  const learned = Math.min(1, judgement?.severity ?? 0)
  const limited = judgement === undefined || (limits > 0 && limits >= learned)
  const score = Math.max(limits, learned)
  if (!(severity >= threshold)) {
    const scored = { vector, score, severity, threshold, anomalous: false, first: false, ...QUIET }
    return { scored: { ...scored, detector: nameOf(models, limited, judgement) }, course: undefined }
  }
  const members = models.learner?.members ?? []
  const course = follow(state?.course, sightOf(limit, judgement, members), threshold)
  const leading: Explaining | undefined = limited
    ? models.rules
    : state?.learner?.panel[judgement.leading]?.detector
  const { stream, values, timeMs } = vector
  const lastedMs = state?.course === undefined ? undefined : timeMs - state.oddSinceMs
  const given = limited ? undefined : GIVEN.get(members[judgement.leading]?.detector.kind ?? '')
  const contributions =
    leading === undefined
      ? []
      : contributionsOf(stream.features, values, leading.explain(values, timeMs), {
          limited,
          given,
          lastedMs,
        })
  const seenBy = members
    .filter((_, m) => (judgement?.severities[m] ?? 0) >= threshold)
    .map(({ name }) => name)
  const scored = {
    vector,
    // Of a threshold beyond 1 the score tells as much as it can: that it is 1.
    score: rerank(score, models.reranker?.probability(contributions) ?? Number.NaN, Math.min(1, threshold)),
    severity,
    threshold,
    anomalous: true,
    first: state?.anomalous !== true,
    detector: nameOf(models, limited, judgement),
    seenBy: limit >= threshold ? [RULES, ...seenBy] : seenBy,
    type: course === undefined ? 'point' : anomalyType(course),
    contributions,
  } as const
  return { scored, course }
}

type Explaining = Pick<Detector, 'explain'> | { explain(values: Float64Array): Explanation }

const QUIET = { type: 'point', seenBy: [], contributions: [] } as const

const nameOf = (models: StreamModels, limited: boolean, judgement: Judgement | undefined): string =>
  limited ? RULES : (models.learner?.members[judgement?.leading ?? 0]?.name ?? RULES)
