import type { Vector } from '../vector/dense.ts'
import type { Values } from '../vector/vector.ts'

/** A client's contribution to a round. */
export interface ClientUpdate {
  readonly clientId: string
  /** New weights minus those it began with. Never written to. */
  readonly values: Values
  /** Vectors it says it trained on; a whole number from 1. */
  readonly samples: number
  /** The most that its enrolment lets it count for: a client can claim any number. */
  readonly sampleCap: number
  /** Global versions since the one it began with. Left out: 0. */
  readonly staleness?: number
}

export interface AggregationRound {
  readonly updates: readonly ClientUpdate[]
  /** The global weights that the aggregate will be added to. */
  readonly weights: Vector
  /** How many of the updates may be anything at all (f). */
  readonly faulty: number
  /** Uniform in [0, 1), unknown to clients until they have sent their updates; the same again for a replay. */
  readonly rng: () => number
  /** What the server's own, trusted data make of the weights, where it has any. */
  readonly root?: Vector
}

export type LeftOutReason =
  | 'not_finite'
  | 'wrong_length'
  | 'too_large'
  | 'invalid_samples'
  | 'duplicate_client'
  | 'stale'
  | 'outlying'
  | 'opposed'

/**
 * Why an update has no part in the aggregate. At the door: `not_finite`, `wrong_length`, `too_large` (norm over the limit), `invalid_samples`,
 * `duplicate_client`. `stale`: began with a version too long ago. `outlying`: too far from its neighbours. `opposed`: points away from the root update.
 */
export interface LeftOut {
  readonly clientId: string
  readonly reason: LeftOutReason
}

export interface Aggregation {
  readonly update: Float64Array
  /** In the order of client ids. */
  readonly leftOut: readonly LeftOut[]
}

/**
 * Makes one update of many. Pure: the same bits for the same round, in whatever order the updates come. All values of the
 * result are finite. Rules that withstand faulty updates count every client alike, since sample numbers are what clients say.
 */
export interface Aggregator {
  readonly name: string
  /** The fewest updates among which it withstands `faulty` ones; infinite when it never does. */
  fewest(faulty: number): number
  /** @throws AggregationError when the round is not sound, or its updates are fewer than `fewest` */
  aggregate(round: AggregationRound): Aggregation
}

/** Changes the updates before a rule combines them, or leaves some out. As pure as an aggregator, and refuses alike. */
export interface PreStep {
  readonly name: string
  fewest(faulty: number): number
  apply(round: AggregationRound): Prepared
}

export interface Prepared {
  readonly updates: readonly ClientUpdate[]
  readonly leftOut: readonly LeftOut[]
}
