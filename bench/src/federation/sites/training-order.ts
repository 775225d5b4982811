import type { ClientPrivacy, Training } from '@adf/contract/federation'
import type { Feature, NetworkSpec } from '@adf/detectors'
import type { localRound } from '@adf/federation/round'

/** What the thread of a site is given once; plain data. */
export interface ThreadData {
  readonly network: NetworkSpec
  readonly features: readonly Feature[]
  readonly training: readonly Float32Array[]
}

/** One local round. */
export interface RoundOrder {
  readonly kind: 'round'
  readonly base: Float32Array
  readonly training: Training
  readonly seed: number
  readonly privacy: ClientPrivacy | null
}

/** Score the test rows of a site, as `adf score` does, with a detector of these weights. */
export interface ScoreOrder {
  readonly kind: 'score'
  readonly weights: Float32Array
  readonly train: Rows
  readonly test: Rows
}

export interface Rows {
  readonly width: number
  readonly values: Float64Array
  readonly timesMs: Float64Array
}

export type Order = RoundOrder | ScoreOrder
/** What became of a round. */
export type RoundAnswer = Awaited<ReturnType<typeof localRound>>
