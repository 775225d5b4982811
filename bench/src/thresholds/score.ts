import type { History } from '@adf/detectors'
import { subjects } from '../quality/detection/subjects/subjects.ts'

export interface Rows {
  readonly train: History
  readonly test: History
}

/** Scores rows as the detection benchmark does for its subject `adf`: severities, and the median of the thresholds that the budget of alerts asks for. */
export function score({ train, test }: Rows): { severities: Float64Array; threshold: number } {
  const subject = subjects.find(({ name }) => name === 'adf')
  if (subject === undefined) throw new Error('the detection benchmark has no subject adf')
  const { scores, thresholds } = subject.score(train, test)
  const sorted = thresholds.toSorted()
  return { severities: scores, threshold: Math.round(sorted[sorted.length >> 1]! * 100) / 100 }
}
