export { createWebhook, type Webhook, type WebhookOptions } from './app.ts'
export { Config, DEFAULT_PATH } from './config.ts'
export { configFaults } from './config-faults.ts'
export { runWebhook } from './main.ts'
export { migrations } from './store/migrations/index.ts'
export { ROLE } from './store/open.ts'
export { BOUNDS, type BoundOptions, boundsOf } from './tuner/bounds.ts'
export { COST, type CostOptions } from './tuner/cost.ts'
export { type Entity, entityKey } from './tuner/entity.ts'
export {
  EPISODES,
  type Episode,
  type EpisodeOptions,
  episodeAt,
  episodesOf,
  type Peak,
} from './tuner/episode.ts'
export { Reader } from './tuner/evidence/reader.ts'
export { overridden, type TuningRecord, thresholdOf, UNTUNED } from './tuner/guard/record.ts'
export { type History, historyOf, type Judged } from './tuner/history.ts'
export { createPolicy, type PolicyOptions } from './tuner/policies.ts'
export type { Action, Json, PolicyName, Proposal, Situation, ThresholdPolicy } from './tuner/policy.ts'
export { POLICY_NAMES } from './tuner/policy.ts'
export { tailProbability } from './tuner/severity.ts'
export type { Effect, Refusal, Step, StepKind } from './tuner/step.ts'
export { type Case, type Tick, Tuner, type TunerOptions } from './tuner/tuner.ts'
export { TunerError, type TunerErrorCode } from './tuner/tuner-error.ts'
export type { Verdict, VerdictOrigin, VerdictValue } from './tuner/verdict.ts'
export { type WhatIf, type WhatIfEpisode, whatIf } from './tuner/what-if.ts'
