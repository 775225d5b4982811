import type { History } from '@adf/detectors'
import type { Scored } from '../exchange/folder.ts'

/**
 * A detector as the benchmark sees it. It learns from `train`, which may hold unlabelled anomalies, and scores `test` online: the
 * score, threshold and flag of a row know the rows up to it only.
 */
export interface Subject {
  readonly name: string
  score(train: History, test: History): Scored
}
