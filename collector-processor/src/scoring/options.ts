import type { ClassifierName, DetectorName, NetworkSpec } from '@adf/detectors'

/** What the engine needs of the configuration (`edge`, `store.state_interval`). */
export interface ScoringOptions {
  /** Those whose scores count; of those that learn, the first has the most say. */
  readonly detectors: readonly JudgeName[]
  /** Detectors that run beside them for comparison, with metrics of their own and no say. */
  readonly compare: readonly LearningName[]
  /** Sizes of the LSTM. */
  readonly lstm: { readonly hidden: number; readonly layers: number }
  /** What re-ranks anomalies by operators' verdicts; undefined: nothing does. */
  readonly rerank: ClassifierName | undefined
  /** Threshold of entities that have none of their own; undefined: it follows from `alertsPerDay`. */
  readonly initialThreshold: number | undefined
  /** Alerts of one entity that chance alone may make in a day. */
  readonly alertsPerDay: number
  /** First vectors of an entity that are not learned: of a process that has just started. */
  readonly settle: number
  /** Vectors that are learned before the first is scored. */
  readonly warmUp: number
  /** Vectors between two refits of the calibration; young entities are refitted sooner. */
  readonly refitEvery: number
  /** Vectors after which what was learned weighs half. */
  readonly halfLife: number
  readonly maxEntities: number
  /** An entity that was silent for so long may be put out for a new one, ms of event time. */
  readonly staleAfterMs: number
  /** Width of the sliding window: how many requests stand behind a rate. */
  readonly windowMs: number
  readonly stateIntervalMs: number
  /** How often severities by the minute are stored; undefined: they are not kept. */
  readonly scoresIntervalMs?: number | undefined
  /** How often is looked for thresholds that other processes set; undefined: never. */
  readonly followIntervalMs?: number | undefined
  /** `worker`: off the hot path. `inline`: at once, in the caller; deterministic, for replay and tests. */
  readonly training: 'worker' | 'inline'
  /** Some of the normal vectors are kept from the training of networks, so that weights from elsewhere can be compared on them. */
  readonly holdOut: boolean
  /** Telemetry may be read again after a crash: what the saved state has scored is not scored again. Default: it never is. */
  readonly readsAgain?: boolean
}

export type LearningName = DetectorName | NetworkSpec['kind']
type JudgeName = LearningName | 'rules'
