import type { History, NamedType } from '@adf/detectors'

/** Learns a table, then judges the rows that follow one by one, each by what came before it alone. */
export interface RowJudge {
  /** Score from which a row is anomalous; known after `train`. */
  readonly threshold: number
  train(history: History): void
  /** @param timeMs not before that of the row before */
  judge(vector: Float64Array, timeMs: number): Verdict
}

export interface Verdict {
  /** −log10(p)/6, without its upper end. */
  readonly severity: number
  readonly isAnomaly: boolean
  /** Of an anomaly. */
  readonly type: NamedType | undefined
  /** Place of the column that an anomaly hangs on most. */
  readonly feature: number | undefined
}
