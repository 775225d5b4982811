import type { Feature, History, LstmSpec } from '@adf/detectors'

/** One machine of its own company: what it is fed, what it trains on, and what its detector is judged by. */
export interface Site {
  readonly name: string
  readonly features: readonly Feature[]
  readonly network: LstmSpec
  /** What its processor is fed, the first part of `train`. */
  readonly fed: History
  /** Runs of normal vectors that it gathered of that, standardised, row by row: to train on, and held out. */
  readonly training: readonly Float32Array[]
  readonly heldOut: readonly Float32Array[]
  /** Of the training part behind what it was fed, anomalies and all, standardised in runs: nobody is trained on them. */
  readonly unseen: readonly Float32Array[]
  /** What its detector is fitted to. */
  readonly train: History
  readonly test: History
  readonly labels: Uint8Array
  /** Buffer of VUS, in rows. */
  readonly vusWindow: number
}
