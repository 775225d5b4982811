import type { Outlook } from '../evidence/reader.ts'
import type { Effect, Step } from '../step.ts'
import { effectOf } from './effect.ts'

export interface RollbackOptions {
  /** Hours, and verdicts on the entity, after which a step is judged: whichever comes first. */
  readonly afterHours: number
  readonly afterVerdicts: number
  /** How sure it must be that the step made it worse. */
  readonly sure: number
  /** Cost of a day by which it must fall short of what the replay promised. */
  readonly short: number
  /** Days for which no step in that direction is made after a rollback. */
  readonly holdDays: number
}

export const ROLLBACK: RollbackOptions = {
  afterHours: 24,
  afterVerdicts: 10,
  sure: 0.8,
  short: 0.02,
  holdDays: 3,
}

/**
 * What a step has come to: worse when what happened since cost more than it would have without the step, surely, and the replay had promised
 * otherwise.
 *
 * @param since outlook on the time since the step
 */
export function judgeStep(
  since: Outlook,
  { from, to, expected }: Pick<Step, 'from' | 'to' | 'expected'>,
  { sure, short }: RollbackOptions,
): { readonly seen: Effect; readonly worse: boolean } {
  const seen = effectOf(since, from, to)
  const worse =
    seen.costChange > 0 && seen.costChange > expected.costChange + short && 1 - seen.confidence >= sure
  return { seen, worse }
}
