import type { History } from '../history.ts'
import { MOST, rounded } from '../severity.ts'
import type { Step } from '../step.ts'
import { checkNumber } from '../tuner-error.ts'

/** What the tuner keeps of one entity. Plain JSON. */
export interface TuningRecord {
  /** What was tuned; null: the untuned threshold holds. */
  readonly tuned: number | null
  /** Set by an operator; wins, and the tuner leaves the entity alone until it is lifted. */
  readonly override: number | null
  /** Of the last decision, with the fraction of the minute that had passed: verdicts that came later in it count for the next. */
  readonly lastMinute: number | null
  /** The latest step made, until it is known what it came to. */
  readonly open: Step | null
  /** After a rollback: no step this way before then. */
  readonly held: { readonly action: 'up' | 'down'; readonly untilMinute: number } | null
}

export const UNTUNED: TuningRecord = { tuned: null, override: null, lastMinute: null, open: null, held: null }

/** The threshold that should be in force. */
export const thresholdOf = (
  { tuned, override }: TuningRecord,
  { initial }: Pick<History, 'initial'>,
): number => override ?? tuned ?? initial

/** @param threshold null lifts an override: what was tuned before holds again @throws TunerError */
export function overridden(record: TuningRecord, threshold: number | null): TuningRecord {
  if (threshold !== null) checkNumber('threshold', threshold, 0, MOST)
  return { ...record, override: threshold === null ? null : rounded(threshold), open: null }
}
