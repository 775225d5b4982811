export { type Entity, entityKey } from './tuner/entity.ts'
export { type Episode, episodeAt, episodesOf, type Peak } from './tuner/episode.ts'
export { type History, historyOf, type Judged } from './tuner/history.ts'
export {
  type Action,
  type Json,
  POLICY_NAMES,
  type PolicyName,
  type Proposal,
  type Situation,
  type ThresholdPolicy,
} from './tuner/policy.ts'
export type { Effect, Refusal, Step, StepKind } from './tuner/step.ts'
export { TunerError, type TunerErrorCode } from './tuner/tuner-error.ts'
export type { Verdict, VerdictOrigin, VerdictValue } from './tuner/verdict.ts'
