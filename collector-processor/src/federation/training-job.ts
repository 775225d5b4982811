import type { ClientPrivacy, Training } from '@adf/contract/federation'
import type { Feature, NetworkSpec } from '@adf/detectors'

/** What the training process is given; plain data. */
export interface TrainingJob {
  readonly network: NetworkSpec
  readonly features: readonly Feature[]
  /** Global weights. */
  readonly global: Float32Array
  /** Weights that judge now; undefined: none do. */
  readonly own: Float32Array | undefined
  /** Runs of normal vectors, row by row. */
  readonly training: readonly Float64Array[]
  readonly heldOut: readonly Float64Array[]
  /** The round that is to be trained for, if any. */
  readonly round: { readonly training: Training; readonly privacy: ClientPrivacy | null } | undefined
  readonly personalise: boolean
  readonly seed: number
  /** Of one core. */
  readonly cpuShare: number
}

/** Mean square errors on what was held out, in standard deviations; NaN where nothing was. */
export interface Losses {
  readonly global: number
  /** Of the global weights with a last layer of this site's own. */
  readonly personal: number
  readonly own: number
}

/** What became of the round. */
export type RoundOutcome =
  | {
      readonly kind: 'learned'
      readonly update: Float32Array
      readonly samples: number
      readonly loss: number | undefined
    }
  | { readonly kind: 'nothing'; readonly reason: 'too_little_data' | 'ran_away'; readonly detail: string }

export interface TrainingResult {
  readonly round: RoundOutcome | undefined
  /** The global weights with a last layer of this site's own; undefined when there were no data for it, or it did no good. */
  readonly personal: Float32Array | undefined
  readonly losses: Losses
  readonly cpuMs: number
}
