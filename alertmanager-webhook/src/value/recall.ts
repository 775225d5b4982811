import { type Interval, wilson } from './interval.ts'

/** What nobody was told of, as far as somebody said so. */
export interface Missed {
  /** Incidents that operators reported. */
  readonly reported: number
  /** For each question that was answered: how likely it was to be asked, and whether something had been wrong. */
  readonly answers: readonly { readonly probability: number; readonly wrong: boolean }[]
}

/**
 * The estimated share of what was wrong that somebody was told of. A question that was chosen with probability p, and whose answer is that something
 * was wrong, stands for 1/p of its kind (inverse propensity, Horvitz and Thompson 1952). The interval is Wilson's over the effective number of
 * observations, (Σw)²/Σw² (Kish 1965): few answers that stand for many make it wide. Null when nobody said anything, or nothing was wrong.
 *
 * @param told judged useful alerts
 */
export function recall(told: number, { reported, answers }: Missed): Interval | null {
  if (reported === 0 && answers.length === 0) return null
  const weights = answers.filter(({ wrong }) => wrong).map(({ probability }) => 1 / probability)
  const seen = told + reported
  const sum = seen + weights.reduce((all, weight) => all + weight, 0)
  if (sum === 0) return null
  const squares = seen + weights.reduce((all, weight) => all + weight * weight, 0)
  const effective = (sum * sum) / squares
  return wilson((told / sum) * effective, effective)
}
