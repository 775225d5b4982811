import type { Entity } from './entity.ts'
import type { Peak } from './episode.ts'
import type { History } from './history.ts'

export const POLICY_NAMES = ['q-learning', 'static', 'spot', 'dspot', 'conformal', 'thompson'] as const
export type PolicyName = (typeof POLICY_NAMES)[number]

/** What a policy may know when it is asked where the threshold of an entity should be. */
export interface Situation {
  readonly history: History
  /** In force now. */
  readonly threshold: number
  readonly nowMinute: number
  /** Histories of all entities of its kind, its own among them; the same array for all of them, where they are asked at one time. */
  readonly company: readonly History[]
  /** How many times too fast the error budget of the entity's SLO burns; 0 without one. */
  readonly burn: number
}

export type Action = 'up' | 'none' | 'down'

/** Where a policy would have the threshold, and in which state it chose so. */
export interface Proposal {
  /** Within the bounds of the policy. */
  readonly threshold: number
  readonly action: Action
  /** The policy's own name of the state it saw; empty where it has no states. */
  readonly state: string
}

/** Something that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/**
 * Says where the thresholds of entities should be. It neither sets them nor knows of guardrails (guard/).
 *
 * Contract (policy.contract.ts is its test suite, which every policy passes):
 * - `observe` takes severities without labels, of one entity, in ascending minutes; minutes that it already had of this entity change
 *   nothing. `propose` takes all that is known of episodes and verdicts anew each time, so it matters neither in which order verdicts
 *   came nor how often, and a verdict that is revised is as if it had never been another.
 * - The same calls give the same proposals: randomness comes from the seed in the options and is part of the state.
 * - A proposal is finite and within the bounds. Input that is not finite is refused with a TunerError and changes nothing.
 * - `save` gives plain JSON; a policy made from it goes on without a difference. Memory is bounded by the options: what is known of an
 *   entity beyond the limit is forgotten, the entity longest unseen first.
 */
export interface ThresholdPolicy {
  readonly name: PolicyName
  /** @throws TunerError */
  observe(entity: Entity, peaks: readonly Peak[]): void
  /** Learns from what is known by now, then proposes. @throws TunerError */
  propose(situation: Situation): Proposal
  save(): Json
}
