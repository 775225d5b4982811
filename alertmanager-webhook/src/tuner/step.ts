import type { Entity } from './entity.ts'
import type { Action, PolicyName } from './policy.ts'

/**
 * Why a step was not made. `replay_worse`: replayed over what is stored it costs more. `too_little_known`: that it costs less is not sure
 * enough. `held_back`: the last step this way was undone. (Where it is too soon, the tuner is frozen or an operator has set the threshold,
 * no step is thought of.)
 */
export type Refusal = 'replay_worse' | 'too_little_known' | 'held_back'

/** `made`: in force. `dry_run`: would have been made. `refused`: by a guardrail. `rolled_back`: an earlier step was undone. */
export type StepKind = 'made' | 'dry_run' | 'refused' | 'rolled_back'

/** What a threshold does to the episodes of a stretch of time, beside another threshold. */
export interface Effect {
  /** Days that it is about. */
  readonly days: number
  readonly alertsBefore: number
  readonly alertsAfter: number
  /** Judged episodes between the two thresholds and over both. */
  readonly judgedNoise: number
  readonly noiseGone: number
  readonly judgedUseful: number
  readonly usefulLost: number
  /** Expected cost by day, after minus before: below 0 is better. */
  readonly costChange: number
  /** Probability that the cost falls. */
  readonly confidence: number
}

/** What the tuner did to a threshold, or did not, and why. The same step, by entity and `atMinute`, is told once more when it is `seen` what it came to. */
export interface Step {
  readonly entity: Entity
  readonly atMinute: number
  readonly kind: StepKind
  readonly policy: PolicyName
  readonly from: number
  readonly to: number
  /** Where the policy wants to go, in one step or several: what was replayed. */
  readonly wanted: number
  readonly action: Action
  /** As the policy names it. */
  readonly state: string
  readonly refusal: Refusal | null
  /** By replay of what was stored, for the threshold that is wanted. */
  readonly expected: Effect
  /** What happened since, once there was enough of it; null before. */
  readonly seen: Effect | null
  readonly sentence: string
}
