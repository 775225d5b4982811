import type { History } from '@adf/detectors'

/** Labelled rows that a detector scores, and the rows that it learns from before. */
export interface Case {
  /** `SET/NAME`, `nab/GROUP/NAME`. */
  readonly name: string
  /** Names of the aggregates it counts in, without `:mean`. */
  readonly means: readonly string[]
  readonly train: History
  readonly test: History
  /** 1 = anomalous, for each row of `test`. */
  readonly labels: Uint8Array
  /** Rows of its file before `test` that are never scored (NAB's probation). */
  readonly offset: number
  /** NAB only: labelled windows, first and last row of each in the file. */
  readonly windows: readonly Window[] | undefined
}

/** First and last row. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** A case that is read when it is wanted: all of them at once need hundreds of megabytes. */
export interface CaseSource {
  readonly name: string
  load(): Case
}
